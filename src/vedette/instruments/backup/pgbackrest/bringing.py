"""A cluster brought back so that it needs nobody any more: its files, and in `pg_wal` all the WAL up to the aim.

The server that recovers then runs no program and knows no password: it can be one that nobody trusts, or one far away.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from vedette.instruments.backup import program, psql
from vedette.instruments.backup.pgbackrest import aiming, ending, segments
from vedette.instruments.backup.pgbackrest.ending import End
from vedette.instruments.backup.pgbackrest.reading import Backup, Stanza
from vedette.instruments.backup.pgbackrest.running import Runner
from vedette.instruments.backup.streams import Line
from vedette.instruments.backup.types import Failed, Tools
from vedette.wire.backup import Aim, Failure, Limits, Progress

_NEVER = "/bin/false"  # the command that fetches WAL: it lies there already
_EVERY = 8
_SEGMENT = 16 << 20


def bring(runner: Runner, aim: Aim, there: Stanza, data: Path, tools: Tools) -> Backup:
    """Restore the files and WAL of a cluster into a folder; return the backup it was begun from. Raises `Failed`."""
    chosen = aiming.choose(aim, there.backup)
    again = (data / "PG_VERSION").exists() or (data / "pg_wal").exists()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    tools.tell(Progress(step=f"Restoring {chosen.label}", of_bytes=chosen.info.size))
    runner.read(
        "restore", f"--set={chosen.label}", f"--pg1-path={data}", *aiming.target(aim), *(["--delta"] if again else []),
        f"--tablespace-map-all={data.parent / 'tablespaces'}", f"--recovery-option=restore_command={_NEVER}",
        f"--process-max={runner.settings.processes}", tools=tools, hurry=True,
    )  # fmt: skip
    if not (data / "PG_VERSION").is_file():
        raise Failed(Failure.NOT_PROVEN, f"pgBackRest said that it restored {chosen.label}, and no cluster came back.")  # fmt: skip
    names, histories = _archived(runner, there.archive_of(chosen), tools)
    wanted = _wanted(names, chosen, aiming.enough(aim, chosen, there.backup))
    _fetch(runner, (*histories, *wanted), data, tools)
    if aim.before is not None or aim.transaction is not None:
        _require_reached(aim, wanted, data, tools)
    return chosen


def require_wal(runner: Runner, backup: Backup, there: Stanza, tools: Tools, *, whole: bool) -> None:
    """Raise DAMAGED where WAL is missing that a backup needs to be consistent, or (`whole`) any since the oldest of its kind.

    pgBackRest's `verify` reads each segment there is, and misses none that is not.
    """
    names, _ = _archived(runner, there.archive_of(backup), tools)
    kin = [one for one in there.backup if one.database.id == backup.database.id and not one.error]
    oldest = min(kin, key=lambda one: one.archive.start or "") if whole and kin else backup
    _wanted(names, oldest, None if whole else backup.archive.stop)


def _require_reached(aim: Aim, names: Sequence[str], data: Path, tools: Tools) -> None:
    """Raise AIM where the archive ends before the aim: the server would not start, and nobody would know why."""
    reached: list[End] = []
    last: list[End] = []

    def hear(line: str) -> None:
        if (one := ending.end(line)) is not None:
            last[:] = [max([*last, one], key=lambda each: each.at)]
            reached.extend([one] if not reached and ending.reaches(aim, one) else [])

    for name in reversed(names):
        _read(name, data, tools, hear)
        if reached:
            return
    until = f", whose last transaction ended at {_instant(last[0].at)}" if last else ""
    raise Failed(
        Failure.AIM,
        f"The archive ends before that{until}: leave the point in time out to go to its end, or archive the rest first (SELECT pg_switch_wal()).",
    )


def _read(name: str, data: Path, tools: Tools, hear: Line) -> None:
    """Tell of the ends of transactions in a segment; the last one breaks off where writing did, which is no error here."""
    major = int((data / "PG_VERSION").read_text().partition(".")[0])
    programs = psql.programs_of(major)
    if programs.parent.name != str(major):
        raise Failed(
            Failure.NO_TOOL,
            f"There is no pg_waldump of PostgreSQL {major}: apt-get install postgresql-{major}.",
        )
    words = [f"{programs}/pg_waldump", "--rmgr=Transaction", f"--path={data / 'pg_wal'}", name]
    program.run(words, tools=tools, env={"TZ": "UTC"}, on_line=hear, limits=Limits(nice=0, idle_io=False))


def _instant(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _wanted(names: Sequence[str], chosen: Backup, stop: str | None) -> Sequence[str]:
    """Return the segments from the backup to the aim; raises DAMAGED where one is missing."""
    start, noted = chosen.archive.start or "", chosen.note("segment")
    wanted = segments.needed(names, start, stop)
    missing = segments.gap(wanted, start, int(noted) if noted.isdecimal() else _SEGMENT)
    if missing:
        raise Failed(
            Failure.DAMAGED,
            f"The WAL {missing} is missing in the archive: nothing after it can be brought back.",
        )
    return wanted


def _fetch(runner: Runner, names: Sequence[str], data: Path, tools: Tools) -> None:
    owner = data.stat()
    for number, name in enumerate(names):
        if number % _EVERY == 0:
            tools.tell(Progress(step="Fetching WAL", files=number, of_files=len(names)))
        place = data / "pg_wal" / name
        runner.read("archive-get", name, str(place), f"--pg1-path={data}", tools=tools, hurry=True)
        os.chown(place, owner.st_uid, owner.st_gid)


def _archived(runner: Runner, archive: str, tools: Tools) -> tuple[Sequence[str], Sequence[str]]:
    place = f"archive/{runner.stanza}/{archive}"
    done = runner.read("repo-ls", "--recurse", "--output=json", place, tools=tools)
    return segments.archived(msgspec.json.decode(done.out, type=dict[str, msgspec.Raw]))
