"""Places as seen from where we are: scanners name files below their target, code scanning wants them below the checkout."""

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from vedette.instruments.scan.telling.words import spot
from vedette.wire.finding import Finding
from vedette.wire.scan import ScanReport


def rooted(reports: Iterable[ScanReport]) -> tuple[ScanReport, ...]:
    """Return the reports with the places of files below a target as seen from the folder we are in."""
    return tuple(_rooted(report) for report in reports)


def is_there(path: Path) -> bool:
    """Tell whether a path is there; one that no path can be is not."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _rooted(report: ScanReport) -> ScanReport:
    target = Path(report.target)
    if "://" in report.target or not is_there(target):
        return report
    folder = Path(os.path.relpath(target if target.is_dir() else target.parent))
    if folder == Path() or folder.parts[:1] == ("..",):
        return report
    return msgspec.structs.replace(report, findings=tuple(_placed(one, folder) for one in report.findings))


def _placed(finding: Finding, folder: Path) -> Finding:
    at = spot(finding)
    if at is None or "\0" in at.file or Path(at.file).is_absolute():
        return finding
    if not is_there(folder / at.file) or is_there(Path(at.file)):
        return finding
    return msgspec.structs.replace(finding, place=f"{folder.as_posix()}/{finding.place}")
