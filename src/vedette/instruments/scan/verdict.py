"""What reports come to, as the code a program exits with. A decision: what could not be known is never clean."""

from collections.abc import Iterator, Sequence

import msgspec

from vedette.instruments.scan import accepting
from vedette.wire.finding import Finding, FindingState, Severity, severity_of
from vedette.wire.scan import ScanReport, Unknown

CLEAN, FOUND, BLIND = 0, 1, 2
_ORDER = {severity: place for place, severity in enumerate(Severity)}


class Verdict(msgspec.Struct, frozen=True):
    """The code to exit with, and why, in a sentence. `code` is `CLEAN`, `FOUND` or `BLIND`."""

    code: int
    reason: str


def verdict(reports: Sequence[ScanReport], fail_on: Severity) -> Verdict:
    """Return 2 where something could not be known, else 1 where a finding is as bad as `fail_on` or worse, else 0."""
    blind, failed = blind_spots(reports), failing(reports, fail_on)
    if not reports:
        return Verdict(BLIND, "Nothing was scanned, so nothing is known.")
    if blind:
        return _told(BLIND, _blind(blind, len(failed), fail_on), reports)
    if failed:
        return _told(FOUND, f"{_count(len(failed), 'finding')} at {fail_on} or worse.", reports)
    return _told(CLEAN, _clean(reports, fail_on), reports)


def _told(code: int, reason: str, reports: Sequence[ScanReport]) -> Verdict:
    """Return a verdict that says how many findings do not count: what is scanned may hold the file that accepts them."""
    return Verdict(code, f"{reason} {accepting.waivers(reports)}".strip())


def failing(reports: Sequence[ScanReport], fail_on: Severity) -> tuple[Finding, ...]:
    """Return the findings that are as bad as `fail_on` or worse; accepted ones are none of them."""
    return tuple(one for one in failed(reports) if _ORDER[severity_of(one.risk)] <= _ORDER[fail_on])


def failed(reports: Sequence[ScanReport]) -> tuple[Finding, ...]:
    """Return what is wrong, the worst first: exploited, then reachable, then by risk."""
    found = [one for report in reports for one in report.findings if one.state is FindingState.FAILED]
    return tuple(sorted(found, key=_badness))


def blind_spots(reports: Sequence[ScanReport]) -> tuple[Unknown, ...]:
    """Return what could not be known, whichever way a scanner said so."""
    return tuple(spot for report in reports for spot in _spots(report))


def _spots(report: ScanReport) -> Iterator[Unknown]:
    told = [*report.unknown]
    told += [
        Unknown(subject=f"{one.check} {one.subject}".strip(), why=one.reason or one.title, fix=one.fix)
        for one in report.findings
        if one.state is FindingState.UNKNOWN
    ]
    yield from told
    if not told and not report.complete:
        yield Unknown(subject=report.target or report.scanner, why="Only a part of it was looked at.")


def _blind(spots: Sequence[Unknown], failed: int, fail_on: Severity) -> str:
    rest = f", and {_count(failed, 'finding')} at {fail_on} or worse" if failed else ""
    return f"Could not know {_count(len(spots), 'thing')}{rest}."


def _clean(reports: Sequence[ScanReport], fail_on: Severity) -> str:
    rest = len(failed(reports))
    return (
        f"Nothing at {fail_on} or worse; {_count(rest, 'finding')} below." if rest else "Nothing was found."
    )


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _badness(finding: Finding) -> tuple[bool, bool, float, float, str, str]:
    return (
        not finding.exploited,
        finding.reachable is False,
        -finding.risk,
        -finding.likelihood,
        finding.check,
        finding.place,
    )
