"""`vedette backup …`: make, prove, list and restore backups on this host, without a server.

Exits 0 only when something real was stored and verified, proven, or brought back; 1 when it was not, 2 when the words make no sense.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from vedette.cli import backup_agent, backup_plans, backup_restoring, backup_telling
from vedette.cli.backup_acting import Desk, acted, progress, told
from vedette.cli.backup_options import NOTHING_SAID, QUIETLY, Where
from vedette.cli.backup_state import Report, last_good
from vedette.cli.out import emit
from vedette.instruments.backup.working import Work
from vedette.wire.backup import Aim, DrillRun, Stage

APP = App(
    name="backup",
    help="Backups that are proven: make, drill, list and restore them; exits 0 only for what was stored and verified.",
    help_epilogue="Exit codes: 0 something real was stored and verified, proven, or brought back; 1 it was not; 2 the words make no sense.",
    version_flags=[],
    default_parameter=QUIETLY,
)
Name = Annotated[str, Parameter(help="The plan; may be left out where there is one.")]
_FAILED = 1
_MOST_LISTED = 50


@APP.command(name="plans")
def list_plans(*, where: Where = NOTHING_SAID) -> None:
    """List the plans, when each was saved last, and when it was proven."""
    if backup_agent.speaks(where):
        backup_agent.show(json=where.json)
        return
    desk = Desk(where)
    found = []
    for plan in backup_plans.plans(where):
        reports = [one for place in desk.known(plan) for one in desk.state.settled(place, desk.now())]
        good = [one for one in reports if isinstance(one, DrillRun) and one.stage is Stage.DONE]
        found.append((plan, last_good(reports), good[0] if good else None))
    if where.json:
        for plan, run, drill in found:
            emit(
                {"plan": plan, "saved": run and run.began_at, "proven": drill and drill.began_at},
                "",
                json=True,
            )
        return
    print(backup_telling.plans(found, desk.now()))


@APP.command
def run(plan: Name = "", *, accept_size: bool = False, where: Where = NOTHING_SAID) -> None:
    """Make a backup to each copy, read it back, and remove what is old.

    Parameters
    ----------
    accept_size
        What is saved may be much smaller than the last time.
    """
    if plan and backup_agent.speaks(where):
        backup_agent.run(plan, json=where.json)
        return
    desk = Desk(where)
    with progress(desk) as tell:
        works = list(desk.works(plan, tell, make_password=True))
        ended = [_run(work, desk, accept_size=accept_size) for work in works]
    _tell(ended, desk)


@APP.command
def drill(plan: Name = "", *, snapshot: str = "", where: Where = NOTHING_SAID) -> None:
    """Restore the newest snapshot of each copy into a scratch place, look whether it is what was saved, and time it.

    Parameters
    ----------
    snapshot
        Another snapshot than the newest.
    """
    desk = Desk(where)
    with progress(desk) as tell:
        ended = [_drill(work, desk, snapshot) for work in list(desk.works(plan, tell))]
    _tell(ended, desk)


@APP.command(name="runs")
def list_runs(
    plan: Name = "", *, failed: bool = False, last: int = _MOST_LISTED, where: Where = NOTHING_SAID
) -> None:  # fmt: skip
    """List backups, drills and restores, newest first; those that were killed are told, too.

    Parameters
    ----------
    failed
        Only those that failed.
    last
        How many; 50 without it.
    """
    desk = Desk(where)
    plans = backup_plans.plans(where) if not plan else (backup_plans.plan(where, plan),)
    places = [place for one in plans for place in desk.known(one)]
    found = [one for place in places for one in desk.state.settled(place, desk.now())]
    found = [one for one in found if not failed or one.stage is Stage.FAILED]
    newest = sorted(found, key=lambda one: -one.began_at)[: max(0, last)]
    if where.json:
        for one in newest:
            emit(one, "", json=True)
        return
    print(backup_telling.reports(newest))


@APP.command(name="list")
def list_snapshots(
    plan: Name = "", *, snapshot: str = "", below: str | None = None, where: Where = NOTHING_SAID
) -> None:  # fmt: skip
    """List the snapshots of a copy, or what lies in one.

    Parameters
    ----------
    snapshot
        The snapshot to look into; the newest without it.
    below
        List what lies below this folder of a snapshot (`/srv/shop`; `/` is the top).
    """
    desk = Desk(where)
    with progress(desk) as tell:
        work = desk.work(plan, tell)
        if below is None and not snapshot:
            found = backup_restoring.snapshots(work)
        else:
            inside = backup_restoring.entries(work, snapshot, below or "")
    if below is None and not snapshot:
        proven = [one.snapshot for one in desk.state.drills(work.repository) if one.stage is Stage.DONE]
        emit(found, backup_telling.snapshots(found, proven, desk.now()), json=where.json)
    else:
        emit(inside, backup_telling.entries(inside), json=where.json)


@APP.command
def verify(plan: Name = "", *, where: Where = NOTHING_SAID) -> None:
    """Read everything that is stored, and say whether it is as it was written."""
    from vedette.instruments.backup.types import Level

    desk = Desk(where)
    with progress(desk) as tell:
        for work in list(desk.works(plan, tell)):  # passwords are asked for before there is a bar
            newest = backup_restoring.newest(work)
            work.open(work.tools).verify(newest.name, Level.WHOLE, work.tools)
            text = f"{work.repository.name}: everything that is stored was read and is as it was written."
            emit(
                {"plan": work.plan.name, "copy": work.copy.name, "snapshot": newest.name, "whole": True},
                text,
                json=where.json,
            )


@APP.command
def unlock(plan: Name = "", *, where: Where = NOTHING_SAID) -> None:
    """Break the lock of a copy whose holder is proven gone; no other is ever broken."""
    from vedette.instruments.backup import breaking

    work = Desk(where).work(plan)
    text = breaking.unlock(work)
    emit({"plan": work.plan.name, "copy": work.copy.name, "sentence": text}, text, json=where.json)


@APP.command
def sheet(
    plan: Name = "", *, output: Path | None = None, html: Path | None = None, where: Where = NOTHING_SAID
) -> None:  # fmt: skip
    """Print the recovery sheet of a copy: its password and the commands that restore it with bare tools and no Vedette.

    Parameters
    ----------
    output
        Write it into this file, which its owner alone may read.
    html
        Write it into this file as a page to be printed, with the password as a QR code, too.
    """
    from vedette.cli import backup_sheet

    backup_sheet.show(Desk(where).work(plan), output, html)


@APP.command
def mount(folder: Path, plan: Name = "", *, snapshot: str = "", where: Where = NOTHING_SAID) -> None:
    """Show a copy as a folder to read from, by the engine's own mount (FUSE), until Ctrl-C.

    Parameters
    ----------
    folder
        An empty folder to show it in.
    snapshot
        One snapshot alone.
    """
    from vedette.instruments.backup import mounting

    print(f"{folder} shows it until Ctrl-C.", file=sys.stderr)
    mounting.mount(Desk(where).work(plan), folder.absolute(), snapshot)


APP.command(backup_restoring.restore, name="restore")


def _run(work: Work, desk: Desk, *, accept_size: bool) -> Report:
    from vedette.instruments.backup import running

    last = last_good(desk.state.settled(work.repository, desk.now()))
    return acted(
        work, desk, running.begun(work), lambda: running.run(work, last=last, accept_size=accept_size)
    )  # fmt: skip


def _drill(work: Work, desk: Desk, snapshot: str) -> Report:
    from vedette.instruments.backup import drilling

    desk.state.settled(work.repository, desk.now())
    runs, past = desk.state.runs(work.repository), desk.state.drills(work.repository)
    aim = Aim(snapshot=snapshot)
    return acted(
        work, desk, drilling.begun(work), lambda: drilling.drill(work, runs=runs, past=past, aim=aim)
    )


def _tell(ended: Sequence[Report], desk: Desk) -> None:
    good = [told(one, desk) for one in ended]
    sys.stdout.flush()
    if not all(good):
        sys.exit(_FAILED)
