"""What a report may hold: texts that print, of a length that people read, and not without end."""

from collections.abc import Mapping

import msgspec

from vedette.wire.finding import Finding
from vedette.wire.scan import ScanReport, Unknown

MOST = 50_000
MOST_UNKNOWN = 200
_FEW = 20
_LINES = "\n\t"


def bounded(report: ScanReport) -> ScanReport:
    """Return a report as it is kept; one that names more than `MOST` findings is not complete, and says so."""
    left = len(report.findings) - MOST
    unknown = tuple(_unknown(one) for one in report.unknown[:MOST_UNKNOWN])
    if left > 0:
        why = f"The report names {len(report.findings):,} findings; {MOST:,} are kept."
        unknown += (
            Unknown(subject=plain(report.target, 300), why=why, fix="Scan smaller parts, each as a target."),
        )
    return msgspec.structs.replace(
        report, findings=tuple(_finding(one) for one in report.findings[:MOST]), unknown=unknown,
        facts=_few(report.facts), complete=report.complete and left <= 0,
    )  # fmt: skip


def plain(text: str, most: int) -> str:
    """Return text on one line without what does not print, cut to a length."""
    if text.isprintable() and len(text) <= most:
        return text
    return "".join(char if char.isprintable() else " " for char in text[: most * 2])[:most].strip()


def _lines(text: str, most: int) -> str:
    if text.isprintable() and len(text) <= most:
        return text
    return "".join(char for char in text[: most * 2] if char.isprintable() or char in _LINES)[:most]


def _finding(one: Finding) -> Finding:
    return msgspec.structs.replace(
        one, check=plain(one.check, 120) or "unnamed", title=plain(one.title, 300) or plain(one.check, 120),
        subject=plain(one.subject, 300), place=plain(one.place, 500), identity=one.identity[:1_000], why=_lines(one.why, 4_000),
        fix=_lines(one.fix, 4_000), evidence=_lines(one.evidence, 4_000), reason=plain(one.reason, 500),
        references=tuple(plain(each, 500) for each in one.references[:_FEW]), labels=_few(one.labels),
        risk=min(10.0, max(0.0, one.risk)) if one.risk == one.risk else 0.0,
        likelihood=min(1.0, max(0.0, one.likelihood)) if one.likelihood == one.likelihood else 0.0,
    )  # fmt: skip


def _unknown(one: Unknown) -> Unknown:
    return Unknown(subject=plain(one.subject, 300), why=plain(one.why, 500), fix=plain(one.fix, 500))


def _few(labels: Mapping[str, str]) -> dict[str, str]:
    return {plain(key, 60): plain(value, 300) for key, value in [*labels.items()][:_FEW]}
