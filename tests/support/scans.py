"""Scanners and reports for tests of what is told of them."""

from collections.abc import Callable

from vedette.instruments.scan.telling.types import Telling
from vedette.instruments.scan.types import Asked, CannotKnow, Progress, Scanner, Takes
from vedette.instruments.scan.verdict import verdict
from vedette.wire.finding import Finding, FindingState, Severity
from vedette.wire.scan import Component, ScanReport, Unknown

NOW = 1_796_000_000.0
JOBLIB = Component(
    ecosystem="PyPI", name="joblib", version="1.4.1", place="uv.lock:7", purl="pkg:pypi/joblib@1.4.1",
    hashes=("sha256:" + "ab" * 32,), requires=("numpy",),
)  # fmt: skip
NUMPY = Component(ecosystem="PyPI", name="numpy", version="2.1.0", purl="pkg:pypi/numpy@2.1.0")


def weak(**changes: object) -> Finding:
    told: dict[str, object] = {
        "check": "GHSA-aaaa-bbbb-cccc", "title": "joblib 1.4.1 runs what it unpickles.", "state": FindingState.FAILED,
        "subject": "joblib", "risk": 8.1, "why": "Whoever sends a file runs code.", "fix": "Upgrade to 1.4.2.",
        "place": "uv.lock:7", "identity": "PyPI/joblib/GHSA-aaaa-bbbb-cccc", "references": ("CVE-2024-34997",),
        "labels": {
            "ecosystem": "PyPI", "package": "joblib", "version": "1.4.1", "advisory": "GHSA-aaaa-bbbb-cccc",
            "purl": "pkg:pypi/joblib@1.4.1",
        },
    }  # fmt: skip
    return Finding(**{**told, **changes})  # type: ignore[arg-type]


def report(*findings: Finding, unknown: tuple[Unknown, ...] = (), complete: bool = True) -> ScanReport:
    return ScanReport(
        scanner="deps", target="shop", at=NOW, seconds=0.25, findings=findings, unknown=unknown,
        components=(JOBLIB, NUMPY), complete=complete, facts={"files": "uv.lock"},
    )  # fmt: skip


BLIND = Unknown(subject="PyPI", why="No feed tells of PyPI.", fix="vedette feeds add …")


def telling(*reports: ScanReport, fail_on: Severity = Severity.HIGH) -> Telling:
    return Telling(
        reports=reports, verdict=verdict(reports, fail_on), fail_on=fail_on, version="0.1.0", now=NOW
    )


def scanner(
    kind: str, scan: Callable[[Asked, Progress], ScanReport], takes: Takes = Takes.PATH, **more: object
) -> Scanner:
    return Scanner(kind=kind, label=kind, about=f"Looks for {kind}.", takes=takes, scan=scan, **more)  # type: ignore[arg-type]


def finds(*findings: Finding) -> Callable[[Asked, Progress], ScanReport]:
    def scan(asked: Asked, progress: Progress) -> ScanReport:
        progress("looking", 0.5)
        return ScanReport(scanner="deps", target=asked.target, at=asked.now, findings=findings)

    return scan


def is_blind(asked: Asked, progress: Progress) -> ScanReport:
    raise CannotKnow("No feed tells of PyPI.", "vedette feeds add …")


def breaks(asked: Asked, progress: Progress) -> ScanReport:
    raise ZeroDivisionError("a parser fell over")
