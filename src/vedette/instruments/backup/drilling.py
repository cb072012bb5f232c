"""A drill: a backup is restored into a scratch place, looked at against its witness, and timed."""

from collections.abc import Sequence

from vedette.instruments.backup.working import Work
from vedette.wire.backup import Aim, BackupRun, DrillRun


def begun(work: Work) -> DrillRun:
    """Return the drill as it begins: RUNNING, of no snapshot yet."""
    now = work.tools.now()
    return DrillRun(
        id=work.id, plan=work.plan.name, copy=work.copy.name, engine=work.copy.engine, snapshot="", saved_at=now,
        began_at=now,
    )  # fmt: skip


def drill(
    work: Work, *, runs: Sequence[BackupRun] = (), past: Sequence[DrillRun] = (), aim: Aim | None = None
) -> DrillRun:
    """Restore a snapshot (the newest unless aimed) into a scratch place, look at it, and return what was proven.

    `runs` are runs of this copy, whose manifests are the witnesses (else the one that lies in the snapshot itself), `past`
    its drills, of which follows what of a huge set is due. DONE only when every check passed; a missed goal of time is told
    in the sentence and fails nothing. Unsigned; never raises.
    """
    raise NotImplementedError
