"""JUnit's XML, which every CI reads: a suite a scan, a case a finding; what could not be known is an error."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from vedette.instruments.scan.telling.types import Format, Telling
from vedette.instruments.scan.telling.words import instant, lines, plain
from vedette.instruments.scan.verdict import blind_spots
from vedette.wire.finding import Finding, FindingState, severity_of
from vedette.wire.scan import ScanReport, Unknown


def _write(told: Telling) -> str:
    return (
        "\n".join(
            [
                '<?xml version="1.0" encoding="UTF-8"?>',
                '<testsuites name="vedette scan">',
                *(line for report in told.reports for line in _suite(report)),
                "</testsuites>",
            ]
        )
        + "\n"
    )


def _suite(report: ScanReport) -> Iterator[str]:
    blind = blind_spots((report,))
    cases = [each for each in report.findings if each.state is not FindingState.UNKNOWN]
    failures = sum(each.state is FindingState.FAILED for each in cases)
    skipped = sum(each.state is FindingState.WAIVED for each in cases)
    name = _attribute(f"{report.scanner} {report.target}")
    tests = max(1, len(cases) + len(blind))
    yield f'<testsuite name={name} tests="{tests}" failures="{failures}" errors="{len(blind)}" skipped="{skipped}" time="{report.seconds:.3f}" timestamp="{instant(report.at)}">'
    yield from (line for each in blind for line in _error(report, each))
    yield from (line for each in cases for line in _case(report, each))
    if not cases and not blind:
        yield f'<testcase classname={_attribute(report.scanner)} name="nothing found"/>'
    yield "</testsuite>"


def _error(report: ScanReport, each: Unknown) -> Iterator[str]:
    yield f"<testcase classname={_attribute(report.scanner)} name={_attribute('could not know: ' + each.subject)}>"
    yield f'<error type="could-not-know" message={_attribute(each.why)}>{_text(each.fix)}</error>'
    yield "</testcase>"


def _case(report: ScanReport, each: Finding) -> Iterator[str]:
    name = " ".join(filter(None, (each.check, each.subject, each.place)))
    yield f"<testcase classname={_attribute(report.scanner)} name={_attribute(name)}>"
    if each.state is FindingState.FAILED:
        body = "\n".join(filter(None, (each.evidence, each.why, each.fix, each.reason)))
        yield f'<failure type="{severity_of(each.risk)}" message={_attribute(each.title)}>{_text(body)}</failure>'
    if each.state is FindingState.WAIVED:
        yield f"<skipped message={_attribute(each.reason)}/>"
    yield "</testcase>"


def _attribute(text: str) -> str:
    return quoteattr(plain(text))


def _text(text: str) -> str:
    return escape("\n".join(lines(text)))


FORMAT = Format(name="junit", about="JUnit's XML, for the test reports of any CI.", write=_write)
