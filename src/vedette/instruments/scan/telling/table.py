"""Words for people: a sentence first, then what could not be known, then the worst."""

from collections.abc import Iterator, Sequence
from itertools import islice

from vedette.instruments.scan import verdict
from vedette.instruments.scan.telling.types import Format, Telling
from vedette.instruments.scan.telling.words import lines, plain
from vedette.wire.finding import Finding, FindingState, Severity, severity_of
from vedette.wire.scan import Unknown

_FIRST, _EVIDENCE = 3, 5
_COLOURS = {
    Severity.CRITICAL: "1;31", Severity.HIGH: "31", Severity.MEDIUM: "33", Severity.LOW: "36", Severity.INFO: "2",
}  # fmt: skip


def _write(told: Telling) -> str:
    return "\n".join(_told(told)) + "\n"


def _told(told: Telling) -> Iterator[str]:
    failed, blind = verdict.failed(told.reports), verdict.blind_spots(told.reports)
    yield _bold(plain(told.verdict.reason), told)
    yield from _looked(told)
    yield from _unknown(blind, told)
    yield from _first(failed, told)
    for group in _groups(failed):
        yield from _group(group, told)
    yield from _waived(told)
    yield from _texts(told)


def _looked(told: Telling) -> Iterator[str]:
    for report in told.reports:
        counted = f", {len(report.components):,} components" if report.components else ""
        facts = "".join(
            f", {plain(name)} {plain(value)}"
            for name, value in islice(report.facts.items(), 6)
            if "\n" not in value
        )
        yield f"  {plain(report.scanner)} {plain(report.target)}: {_state(report.findings)}{counted}{facts} ({report.seconds:.1f} s)"


def _texts(told: Telling) -> Iterator[str]:
    """Yield the facts that are whole texts, such as a patch."""
    for report in told.reports:
        for name, value in report.facts.items():
            if "\n" in value:
                yield f"\n{_bold(plain(name), told)}"
                yield from lines(value.rstrip("\n"))


def _state(findings: Sequence[Finding]) -> str:
    failed = sum(one.state is FindingState.FAILED for one in findings)
    waived = sum(one.state is FindingState.WAIVED for one in findings)
    return f"{failed:,} found" + (f", {waived:,} accepted or known" if waived else "")


def _unknown(blind: Sequence[Unknown], told: Telling) -> Iterator[str]:
    if blind:
        yield f"\n{_bold('Could not know:', told)}"
    for each in blind:
        yield f"  {plain(each.subject)}: {plain(each.why)}"
        if each.fix:
            yield f"    {plain(each.fix)}"


def _first(failed: Sequence[Finding], told: Telling) -> Iterator[str]:
    """Yield what to do first: the different fixes of the worst findings."""
    fixes = {(each.subject, each.fix): None for each in failed if each.fix}
    if len(failed) > _FIRST:
        yield f"\n{_bold('Do first:', told)}"
        for subject, fix in islice(fixes, _FIRST):
            yield f"  {plain(subject) + ': ' if subject else ''}{plain(fix)}"


def _groups(failed: Sequence[Finding]) -> Sequence[Sequence[Finding]]:
    """Return findings by what they are about, the one with the worst first."""
    groups: dict[str, list[Finding]] = {}
    for each in failed:
        groups.setdefault(each.subject or each.check, []).append(each)
    return list(groups.values())


def _group(group: Sequence[Finding], told: Telling) -> Iterator[str]:
    yield f"\n{_bold(plain(group[0].subject or group[0].check), told)}"
    for each in group:
        yield from _finding(each, told)


def _finding(each: Finding, told: Telling) -> Iterator[str]:
    severity = severity_of(each.risk)
    head = _coloured(f"{severity.upper()} {each.risk:g}", _COLOURS[severity], told)
    yield f"  {head}  {plain(each.check)}: {plain(each.title)}{_marks(each)}"
    if each.place:
        yield f"    At:  {plain(each.place)}"
    yield from (f"    {line}" for line in lines(each.evidence)[:_EVIDENCE] if line)
    yield from (f"    {head} {plain(text)}" for head, text in _reasons(each) if text)


def _reasons(each: Finding) -> Sequence[tuple[str, str]]:
    return ("Why:", each.why), ("Fix:", each.fix), ("Note:", each.reason)


def _marks(each: Finding) -> str:
    marks = [
        "used by attackers" if each.exploited else "",
        "our code gets there" if each.reachable else "never imported" if each.reachable is False else "",
        "open to others" if each.exposed else "",
    ]
    told = ", ".join(filter(None, marks))
    return f" [{told}]" if told else ""


def _waived(told: Telling) -> Iterator[str]:
    rows = [each for report in told.reports for each in report.findings if each.state is FindingState.WAIVED]
    if rows:
        yield f"\n{_bold('Accepted or known before:', told)}"
    yield from (f"  {plain(each.check)} {plain(each.subject)}: {plain(each.reason)}" for each in rows)


def _bold(text: str, told: Telling) -> str:
    return _coloured(text, "1", told)


def _coloured(text: str, code: str, told: Telling) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if told.colour else text


FORMAT = Format(name="table", about="Words for people, the worst first.", write=_write)
