"""What scanners of packages are asked in tests: feeds made by hand, and a folder to look at."""

from collections.abc import Mapping
from pathlib import Path

from tests.support.osv import osv_record, osv_zip

from vedette.instruments.scan import running
from vedette.instruments.scan.advisories import add
from vedette.instruments.scan.registry import scanner_of
from vedette.instruments.scan.types import Asked
from vedette.wire.scan import ScanReport

NOW = 4_000_000_000.0  # later than any file tests make


def feeds(folder: Path, *records: Mapping[str, object], now: float | None = None) -> Path:
    """Return a folder of feeds with these records, as fresh as their source."""
    source = osv_zip(
        folder / "all.zip", records or [osv_record("OSV-1", "PyPI/nobody", ["introduced 0, fixed 1"])]
    )
    add(folder / "feeds", str(source), source.stat().st_mtime if now is None else now)
    return folder / "feeds"


def look(
    kind: str, target: Path | str, feeds_folder: Path, now: float | None = None, **options: str
) -> ScanReport:
    """Return what a scanner says; `now` is as old as the feeds unless given."""
    source = feeds_folder.parent / "all.zip"
    at = now if now is not None else source.stat().st_mtime if source.exists() else NOW
    told = {name.replace("_", "-"): value for name, value in options.items()}
    return running.run(scanner_of(kind), Asked(target=str(target), now=at, feeds=feeds_folder, options=told))


def why(report: ScanReport) -> str:
    """Return all that a report could not know, and what to do about it."""
    return "\n".join(f"{each.subject} {each.why} {each.fix}" for each in report.unknown)


def is_blind(report: ScanReport) -> bool:
    """Tell whether a scan could not know: it says so, says what to do, and does not claim to be all."""
    return (
        bool(report.unknown) and not report.complete and all(each.why and each.fix for each in report.unknown)
    )
