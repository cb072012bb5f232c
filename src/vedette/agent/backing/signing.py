"""Signing what was done with the key of this host, so that nobody can write a proof by hand, also not at the server."""

from pathlib import Path
from typing import TypeVar

from vedette.agent.link.identity import KEY
from vedette.wire.backup import BackupReport, BackupRun, DrillRun, Stage

R = TypeVar("R", BackupRun, DrillRun)


def signed(report: BackupReport, state: Path) -> BackupReport:
    """Return a run or drill that is over with its signature; without one on a host that is enrolled nowhere."""
    if isinstance(report, BackupRun):
        return _signed(report, state)
    return _signed(report, state) if isinstance(report, DrillRun) else report


def _signed(report: R, state: Path) -> R:
    if report.stage is Stage.RUNNING:
        return report
    try:
        seed = (state / KEY).read_bytes()
    except OSError:
        return report
    from vedette.instruments.backup import evidence  # cryptography: an agent starts without it

    return evidence.sign(report, seed)
