"""A restore: back to a place, or over live data by whoever types its name; goes on where it was ended."""

from collections.abc import Sequence

from vedette.instruments.backup.working import Work
from vedette.wire.backup import Aim, BackupRun, Plan, RestoreRun


def begun(work: Work, aim: Aim, into: str, by: str) -> RestoreRun:
    """Return the restore as it begins."""
    return RestoreRun(
        id=work.id, plan=work.plan.name, copy=work.copy.name, aim=aim, into=into, by=by, began_at=work.tools.now()
    )  # fmt: skip


def live_name(plan: Plan, aim: Aim) -> str:
    """Return what a person types to overwrite live data: the name of the one source (`postgres/shop`), else of the plan."""
    return aim.what or plan.name


def restore(
    work: Work, aim: Aim, *, into: str = "", by: str = "", confirmed: str = "", runs: Sequence[BackupRun] = ()
) -> RestoreRun:
    """Bring a snapshot back below `into` (empty: where it was) and return how that ended.

    Where it was, and into a folder that holds something which no restore of ours put there, needs `confirmed` to be
    `live_name`. Called again for the same aim and place it goes on. `runs` are runs of this copy, whose manifests say what
    must come back. DONE only when that came back. Never raises.
    """
    raise NotImplementedError
