"""`vedette backup restore`: asks a tired person one thing after another; each answer can be a flag as well."""

import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vedette.cli import backup_wizard
from vedette.cli.backup_acting import Desk, acted, progress, told
from vedette.cli.backup_options import NOTHING_SAID, Where
from vedette.cli.backup_wizard import Asker, Terminal
from vedette.cli.out import emit
from vedette.core.errors import ConfigError
from vedette.core.names import written
from vedette.instruments.backup import choosing, estimating, registry, restoring
from vedette.instruments.backup.working import Work
from vedette.wire.backup import Aim, Entry, Snapshot

_FAILED = 1


def restore(
    plan: str = "", *, snapshot: str = "", before: str = "", transaction: int | None = None, what: str = "",
    file: tuple[str, ...] = (), into: Path | None = None, live: bool = False, confirm: str = "", dry_run: bool = False,
    yes: bool = False, where: Where = NOTHING_SAID,
) -> None:  # fmt: skip
    """Bring a backup back: asks for what no flag says. Called again after it was ended, it goes on.

    Parameters
    ----------
    plan
        The plan; may be left out where there is one.
    snapshot
        The snapshot, or the beginning of its name; else the newest.
    before
        The newest state before this instant (`2026-11-27 14:03:20`, UTC unless it names a zone); to the second with point-in-time recovery.
    transaction
        Before this transaction, with point-in-time recovery.
    what
        One source of the plan alone: postgres/shop.
    file
        A file or folder to bring back, by its whole path; may be repeated.
    into
        The folder to restore into, made where it is not there.
    live
        Restore to where it was, over live data.
    confirm
        The name of the live data that is overwritten.
    dry_run
        Say what would come back and how long that takes, and do nothing.
    yes
        Ask nothing: take the newest snapshot and everything, unless flags say otherwise.
    """
    desk = Desk(where)
    asker = Terminal() if sys.stdin.isatty() and not yes and not where.json else None
    if into is not None and live:
        raise ConfigError("--into is another place, --live is where it was: say one of them.")
    if asker is not None and not plan:
        plan = backup_wizard.plan(asker, where)
    with progress(desk) as tell:
        work = desk.work(plan, tell)
        aim = Aim(
            snapshot=snapshot, before=_instant(before), transaction=transaction, what=what, paths=_paths(file)
        )
        if asker is not None:
            aim = _asked(asker, work, desk, aim)
        place = _place(asker, work, into, live=live)
        estimate = _estimate(work, desk, aim)
        if dry_run:
            emit({"aim": aim, "into": place, "estimate": estimate}, f"{_said(work, aim, place)}\n{estimate.sentence}\nNothing was done.", json=where.json)  # fmt: skip
            return
        if asker is not None:
            asker.say(estimate.sentence)
            name = restoring.live_name(work.plan, aim)
            confirm = backup_wizard.confirmed(asker, name, place, confirm)
        runs = desk.state.runs(work.repository)
        begun = restoring.begun(work, aim, place, "")
        ended = acted(
            work, desk, begun, lambda: restoring.restore(work, aim, into=place, confirmed=confirm, runs=runs)
        )
    good = told(ended, desk)
    sys.stdout.flush()
    if not good:
        sys.exit(_FAILED)


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
    there = [one for one in snapshots(work) if one.plan in {"", work.plan.name}]
    if not aim.snapshot and aim.before is None and aim.transaction is None:
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
