"""A run: hooks, sources, engine, and what was stored read back. Only what is stored and verified ends green."""

from vedette.instruments.backup.working import Work
from vedette.wire.backup import BackupRun


def begun(work: Work) -> BackupRun:
    """Return the run as it begins: RUNNING, with nothing stored."""
    return BackupRun(
        id=work.id, plan=work.plan.name, copy=work.copy.name, engine=work.copy.engine, began_at=work.tools.now()
    )  # fmt: skip


def run(work: Work, *, last: BackupRun | None = None, accept_size: bool = False) -> BackupRun:
    """Make a backup and return how it ended: DONE only when something was stored and read back, else FAILED with what to do.

    `last` is the last good run to this copy, against which a shrinking source and a clock that went back are noticed;
    `accept_size` says that it may have shrunk. Progress goes to `work.tools.tell`; the run is unsigned (`evidence.sign`).
    Never raises: whatever goes wrong is in the run.
    """
    raise NotImplementedError
