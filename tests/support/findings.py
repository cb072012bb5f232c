"""Findings and reports of scans, as tests make them."""

from collections.abc import Iterable

from vedette.wire.finding import Finding, FindingState
from vedette.wire.scan import ScanReport, Unknown

NOW = 1_764_000_000.0  # as in `rooms`, which needs Django
# What a Python of its own runs beside a server: it prints the number of a finding.
FILL = """
from vedette.app import tools
with tools.opened() as ports:
    from tests.support import found
    print(found.fill(ports.clock.now()))
"""


def finding(check: str = "CVE-2024-3094", **more: object) -> Finding:
    """Return something that failed."""
    told = {
        "title": f"{check} in xz",
        "state": FindingState.FAILED,
        "subject": "xz",
        "risk": 9.8,
        "fix": "Upgrade xz to 5.6.2.",
        "place": "uv.lock:12",
    }
    return Finding(check=check, **{**told, **more})  # type: ignore[arg-type]


def report(*found: Finding, unknown: Iterable[Unknown] = (), complete: bool = True) -> ScanReport:
    """Return what a scan of lock files told."""
    return ScanReport(
        scanner="deps",
        target="/srv/shop",
        at=NOW,
        seconds=1.5,
        findings=found,
        unknown=tuple(unknown),
        complete=complete,
    )
