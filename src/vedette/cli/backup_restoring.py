"""`vedette backup restore`: asks a tired person one thing after another; each answer can be a flag as well."""

import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from cyclopts import App

from vedette.cli import backup_wizard
from vedette.cli.backup_acting import Desk, acted, progress, told
from vedette.cli.backup_options import NOTHING_SAID, NOTHING_WANTED, QUIETLY, Wanted, Where
from vedette.cli.backup_state import Report
from vedette.cli.backup_wizard import Asker, Terminal
from vedette.cli.out import emit
from vedette.core.errors import ConfigError
from vedette.core.names import written
from vedette.instruments.backup import choosing, estimating, registry, restoring
from vedette.instruments.backup.working import Work
from vedette.wire.backup import Aim, Entry, Snapshot

_FAILED = 1


RESTORE = App(
    name="restore",
    help="Bring a backup back: asks one thing after another, each of which can be a flag as well.",
    help_epilogue="Exit codes: 0 it came back and was looked at, or --dry-run said what would; 1 it did not; 2 the words make no sense.",
    version_flags=[],
    default_parameter=QUIETLY,
)


@RESTORE.default
def restore(plan: str = "", *, wanted: Wanted = NOTHING_WANTED, where: Where = NOTHING_SAID) -> None:
    """Bring a backup back: asks for what no flag says. Called again after it was ended, it goes on.

    Parameters
    ----------
    plan
        The plan; may be left out where there is one.
    """
    if wanted.into is not None and wanted.live:
        raise ConfigError("--into is another place, --live is where it was: say one of them.")
    desk = Desk(where)
    asker = Terminal() if sys.stdin.isatty() and not wanted.yes and not where.json else None
    if asker is not None and not plan:
        plan = backup_wizard.plan(asker, where)
    with progress(desk) as tell:
        ended = _restored(desk.work(plan, tell), desk, wanted, asker)
    if ended is not None and not told(ended, desk):
        sys.stdout.flush()
        sys.exit(_FAILED)


def _restored(work: Work, desk: Desk, wanted: Wanted, asker: Asker | None) -> Report | None:
    """Restore, and return how that ended; None where it was only to be said what would be done."""
    aim, confirm = _aim(wanted), wanted.confirm
    if asker is not None:
        aim = _asked(asker, work, desk, aim)
    place = _place(asker, work, wanted.into, live=wanted.live)
    estimate = _estimate(work, desk, aim)
    said = f"{_said(work, aim, place)}\n{estimate.sentence}"
    if wanted.dry_run:
        text = f"{said}\nNothing was done."
        emit({"aim": aim, "into": place, "estimate": estimate}, text, json=desk.where.json)
        return None
    if asker is not None:
        asker.say(said)
        confirm = backup_wizard.confirmed(asker, restoring.live_name(work.plan, aim), place, confirm)
    runs = desk.state.runs(work.repository)
    begun = restoring.begun(work, aim, place, "")
    return acted(
        work, desk, begun, lambda: restoring.restore(work, aim, into=place, confirmed=confirm, runs=runs)
    )  # fmt: skip


def _aim(wanted: Wanted) -> Aim:
    return Aim(
        snapshot=wanted.snapshot, before=_instant(wanted.before), transaction=wanted.transaction, what=wanted.what,
        paths=_paths(wanted.file),
    )  # fmt: skip


def snapshots(work: Work) -> tuple[Snapshot, ...]:
    """Return the snapshots of a copy, newest first."""
    return work.open(work.tools).snapshots(work.tools)


def newest(work: Work, aim: Aim | None = None) -> Snapshot:
    """Return the aimed snapshot; raises `Failed` where there is none."""
    return choosing.snapshot(snapshots(work), aim or Aim(), work.plan.name)


def entries(work: Work, snapshot: str, below: str) -> tuple[Entry, ...]:
    """Return what lies directly below a folder of a snapshot, folders first."""
    store = work.open(work.tools)
    chosen = choosing.snapshot(store.snapshots(work.tools), Aim(snapshot=snapshot), work.plan.name)
    found = store.entries(chosen.name, below.strip("/"), work.tools)
    return tuple(sorted(found, key=lambda one: (one.kind != "folder", one.name)))


def _asked(asker: Asker, work: Work, desk: Desk, aim: Aim) -> Aim:
    """Return the aim with what the person chose."""
    if not aim.snapshot and aim.before is None and aim.transaction is None:
        there = [one for one in snapshots(work) if one.plan in {"", work.plan.name}]
        drills = desk.state.drills(work.repository)
        aim = msgspec.structs.replace(
            aim, snapshot=backup_wizard.moment(asker, there, drills, desk.now()).name
        )
    if not aim.what and not aim.paths:
        names = [registry.name_of(what) for what in work.plan.what]
        chosen = newest(work, aim).name
        aim = backup_wizard.part(asker, aim, names, lambda below: entries(work, chosen, below))
    return aim


def _place(asker: Asker | None, work: Work, into: Path | None, *, live: bool) -> str:
    if live:
        return ""
    if into is None and asker is None:
        raise ConfigError("Where to? --into FOLDER, or --live for where it was.")
    if into is None and asker is not None:
        into = backup_wizard.place(asker, Path.cwd() / f"restored-{work.plan.name}")
    return str(into.absolute()) if into is not None else ""


def _estimate(work: Work, desk: Desk, aim: Aim) -> estimating.Estimate:
    reports = desk.state
    listed = _listed(work, aim) if aim.paths else ()
    return estimating.restore_of(aim, reports.runs(work.repository), reports.drills(work.repository), listed)


def _listed(work: Work, aim: Aim) -> Sequence[Entry]:
    """Return the entries of single files, for their size; a folder has none."""
    store, wanted = work.open(work.tools), {path.strip("/") for path in aim.paths}
    name = choosing.snapshot(store.snapshots(work.tools), aim, work.plan.name).name
    above = {path.rpartition("/")[0] for path in wanted}
    found = [one for folder in above for one in store.entries(name, folder, work.tools)]
    chosen = [one for one in found if one.name.strip("/") in wanted]
    return () if any(one.kind == "folder" for one in chosen) else chosen


def _said(work: Work, aim: Aim, place: str) -> str:
    what = ", ".join(aim.paths) or aim.what or "everything"
    moment = aim.snapshot or "the newest snapshot"
    if work.engine().cluster and aim.before is None and aim.transaction is None:
        moment += ", with all that was archived after it (--before stops there),"
    return f"{what} of {work.plan.name} from {moment} would come back {f'below {place}' if place else 'to where it was'}."


def _paths(files: Sequence[str]) -> tuple[str, ...]:
    """Return paths as they were typed (or as they are listed: written names) as written names."""
    return tuple(path if "%" in path else written(path) for path in files)


def _instant(text: str) -> float | None:
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"--before {text[:40]!r} is no instant: write 2026-11-27 14:03:20, or with a zone +01:00."
        ) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
