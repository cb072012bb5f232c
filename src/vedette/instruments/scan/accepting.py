"""Which findings a person answers for, with a reason and until when. Decisions only; `accepted_files` reads them.

What could not be known is never accepted: nobody can answer for what nobody saw.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

import msgspec

from vedette.wire.finding import Finding, FindingState
from vedette.wire.scan import ScanReport

WAIVER = "waiver"


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """What is accepted: every glob that is not empty must fit. `until` is an instant; `where` the line that says so."""

    reason: str
    until: float
    check: str = ""
    identity: str = ""
    place: str = ""
    component: str = ""
    by: str = ""
    where: str = ""


def accepted(
    reports: Iterable[ScanReport], acceptances: Sequence[Acceptance], now: float
) -> tuple[ScanReport, ...]:
    """Return the reports with what is accepted waived; of an acceptance that has ended, the finding tells."""
    if not acceptances:
        return tuple(reports)
    return tuple(
        msgspec.structs.replace(
            report, findings=tuple(_judged(one, acceptances, now) for one in report.findings)
        )
        for report in reports
    )


def identity_of(finding: Finding) -> str:
    """Return what makes it the same finding in a later look."""
    return finding.identity or f"{finding.check}/{finding.subject}"


def waived(finding: Finding, how: str, reason: str) -> Finding:
    """Return a finding that counts no more; the label `waiver` tells programs how (accepted, baseline, not_affected, fixed)."""
    labels = {**finding.labels, WAIVER: how}
    return msgspec.structs.replace(finding, state=FindingState.WAIVED, reason=reason, labels=labels)


def waivers(reports: Iterable[ScanReport]) -> str:
    """Return how many findings do not count, by what says so, as a sentence; empty where all do."""
    how = Counter(
        one.labels[WAIVER]
        for report in reports
        for one in report.findings
        if one.state is FindingState.WAIVED and WAIVER in one.labels
    )
    told = ", ".join(
        f"{n:,} by {'acceptances' if name == 'accepted' else name}" for name, n in sorted(how.items())
    )
    return f"Findings that do not count: {told}." if told else ""


def _judged(finding: Finding, acceptances: Sequence[Acceptance], now: float) -> Finding:
    if finding.state is not FindingState.FAILED:
        return finding
    fitting = [one for one in acceptances if _fits(one, finding)]
    if not fitting:
        return finding
    longest = max(fitting, key=lambda one: one.until)
    if now < longest.until:
        return waived(finding, "accepted", _said(longest, "Accepted"))
    reason = f"{finding.reason} {_said(longest, 'Was accepted')}".strip()
    return msgspec.structs.replace(finding, reason=reason)


def _fits(acceptance: Acceptance, finding: Finding) -> bool:
    package = finding.labels.get("package", "")
    ecosystem = finding.labels.get("ecosystem", "")
    pairs = (
        (acceptance.check, (finding.check,)),
        (acceptance.identity, (identity_of(finding),)),
        (acceptance.place, (finding.place, finding.place.rpartition(":")[0])),
        (acceptance.component, (finding.subject, package, f"{ecosystem}/{package}")),
    )
    return all(_any(glob, texts) for glob, texts in pairs if glob)


def _any(glob: str, texts: Iterable[str]) -> bool:
    return any(text and fnmatchcase(text, glob) for text in texts)


def _said(acceptance: Acceptance, verb: str) -> str:
    day = dt.datetime.fromtimestamp(acceptance.until - 1, dt.UTC).date().isoformat()
    by = f" by {acceptance.by}" if acceptance.by else ""
    where = f" ({acceptance.where})" if acceptance.where else ""
    return f"{verb} until {day}{by}: {acceptance.reason}{where}"
