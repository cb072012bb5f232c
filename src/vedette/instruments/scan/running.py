"""One scan, whatever its scanner: only what is owned is looked at, and whoever is blind says so."""

import time

import msgspec

from vedette.core.errors import VedetteError
from vedette.instruments.scan.types import Asked, CannotKnow, Progress, Scanner, silent
from vedette.wire.scan import ScanReport, Unknown


def run(scanner: Scanner, asked: Asked, progress: Progress = silent) -> ScanReport:
    """Return what a scan came to; what stopped it is something it could not know, never a clean report."""
    began = time.monotonic()
    try:
        if scanner.outward:
            from vedette.instruments.scan import owning  # its probes are not for those who scan a folder

            asked = owning.prove(asked)
        found = scanner.scan(asked, progress)
    except CannotKnow as error:
        found = _blind(scanner, asked, str(error), error.fix)
    except VedetteError as error:
        found = _blind(scanner, asked, str(error))
    return msgspec.structs.replace(found, seconds=time.monotonic() - began)


def _blind(scanner: Scanner, asked: Asked, why: str, fix: str = "") -> ScanReport:
    unknown = (Unknown(subject=asked.target or scanner.kind, why=why, fix=fix),)
    return ScanReport(
        scanner=scanner.kind, target=asked.target, at=asked.now, unknown=unknown, complete=False
    )
