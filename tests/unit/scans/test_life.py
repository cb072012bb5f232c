"""The life of a finding: what is told, what stays quiet, and that nobody loses sight of an open weakness."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.support.findings import finding
from tests.support.rooms import NOW

from vedette.scans import due, life, ranking
from vedette.scans.bounding import MOST, bounded, plain
from vedette.scans.identity import fingerprint
from vedette.scans.life import Step
from vedette.scans.types import Known, Life
from vedette.wire.finding import Finding, FindingState, severity_of
from vedette.wire.scan import ScanReport

DAY = 86_400.0
answers = st.sampled_from([True, False, None])
findings = st.builds(
    finding,
    risk=st.sampled_from([0.0, 3.0, 5.0, 8.0, 9.8]),
    exploited=st.booleans(),
    reachable=answers,
    exposed=answers,
)


def known(found: Finding, stands: Life = Life.OPEN, until: float | None = None) -> Known:
    return Known(
        id=1, fingerprint="a", target=1, project=0, host=0, scanner="deps", finding=found, severity=severity_of(found.risk),
        rank=ranking.rank(found), life=stands, first_at=NOW, last_at=NOW, until=until,
    )  # fmt: skip


class Lives(RuleBasedStateMachine):
    """A finding through looks, decisions and days; `there` is what the world is like."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.known, self.there = NOW, None, False  # type: ignore[var-annotated]
        self.known: Known | None

    @rule(found=findings)
    def look_and_find(self, found: Finding) -> None:
        went = life.step(self.known, found, self.now)
        before = self.known
        until = before.until if before and went.life is before.life else None
        self.known, self.there = known(found, went.life, until), True
        assert went.reason
        assert (before is None) == (went.step is Step.NEW)
        if before and before.life is Life.FALSE:
            assert went.step is Step.SAME
        if before and before.life is not went.life:
            assert went.step is not Step.SAME, "what stands otherwise is told"

    @rule()
    def look_and_miss(self) -> None:
        went = life.step(self.known, None, self.now)
        if self.known is not None:
            self.known = msgspec.structs.replace(self.known, life=went.life, until=None)
        self.there = False
        assert (went.step is Step.FIXED) or went.step is Step.GONE

    @precondition(lambda self: self.known is not None and self.known.life is Life.OPEN)
    @rule(days=st.integers(1, 30), false=st.booleans())
    def decide(self, days: int, false: bool) -> None:
        assert self.known is not None
        stands, until = (Life.FALSE, None) if false else (Life.ACCEPTED, self.now + days * DAY)
        self.known = msgspec.structs.replace(self.known, life=stands, until=until)

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        self.now += days * DAY

    @invariant()
    def nothing_that_is_there_is_called_fixed(self) -> None:
        if self.known is not None and self.there:
            assert self.known.life is not Life.FIXED

    @invariant()
    def what_is_accepted_has_an_end(self) -> None:
        if self.known is not None and self.known.life is Life.ACCEPTED:
            assert self.known.until is not None


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"risk": 7.5}, "It was medium and is high now."),
        ({"exploited": True}, "Attackers are known to use it now."),
        ({"exposed": True}, "Others can get there now."),
        ({"reachable": True}, "Our code can get there now."),
        ({"risk": 6.9}, None),
        ({"likelihood": 0.9}, None),
        ({"risk": 1.0}, None),
    ],
)
def test_worse_is_a_band_up_or_a_new_way_in(more: dict[str, object], why: str | None) -> None:
    assert life.worse(finding(risk=5.0), finding(**{"risk": 5.0, **more})) == why


def test_accepted_is_quiet_until_its_day_and_not_when_it_became_worse() -> None:
    held = known(finding(risk=5.0), Life.ACCEPTED, NOW + DAY)
    assert life.step(held, finding(risk=5.0), NOW).life is Life.ACCEPTED
    assert life.step(held, finding(risk=5.0), NOW + DAY).step is Step.ENDED
    assert life.step(held, finding(risk=9.0), NOW).step is Step.WORSE


@given(findings, findings)
def test_each_reason_outweighs_those_after_it(one: Finding, other: Finding) -> None:
    def order(each: Finding) -> tuple[float, ...]:
        sure = {True: 2, None: 1, False: 0}
        if each.risk < 0.1 and not each.exploited:
            return (-1.0,)
        return (float(each.exploited), sure[each.reachable], sure[each.exposed], each.risk)

    assert (ranking.rank(one) > ranking.rank(other)) == (order(one) > order(other))


def test_why_it_stands_where_it_does_is_a_sentence() -> None:
    said = ranking.why(finding(risk=9.8, exploited=True, reachable=False, likelihood=0.42))
    assert said == (
        "Attackers are known to use it; our code does not get there; it is critical (9.8 of 10); 42% likely to be used within 30 days."
    )


def test_due_by_severity_and_never_later() -> None:
    days = [due.due_at(finding(risk=risk), 0.0) for risk in (9.0, 7.0, 4.0, 0.1, 0.0)]
    assert days == [3 * DAY, 14 * DAY, 60 * DAY, 180 * DAY, None]
    assert due.due_at(finding(risk=4.0, exploited=True), 0.0) == 2 * DAY
    assert due.due_at(finding(risk=9.0), 10 * DAY, 5 * DAY) == 5 * DAY


def test_a_finding_is_the_same_as_lines_and_versions_move_and_another_one_elsewhere() -> None:
    one = finding(identity="PyPI/joblib/GHSA-1", place="uv.lock:1")
    moved = finding(identity="PyPI/joblib/GHSA-1", place="uv.lock:900", title="other words", risk=2.0)
    assert fingerprint(1, one) == fingerprint(1, moved)
    assert fingerprint(1, one) != fingerprint(2, one)
    assert fingerprint(1, finding(subject="a")) != fingerprint(1, finding(subject="b"))
    assert fingerprint(1, finding("a", subject="b")) != fingerprint(1, finding("x", identity="a\0b"))


@given(st.text(max_size=400), st.integers(1, 300))
def test_text_is_one_line_that_prints(text: str, most: int) -> None:
    said = plain(text, most)
    assert said.isprintable()
    assert len(said) <= most


def test_a_hostile_report_is_cut_and_then_is_not_complete() -> None:
    bad = finding(
        "x" * 9_999,
        title="\x1b[2Jred",
        evidence="\x00" * 99_999,
        risk=float("nan"),
        labels={str(n): "v" for n in range(99)},
    )
    few = bounded(ScanReport(scanner="deps", target="t", at=NOW, findings=(bad,)))
    many = bounded(ScanReport(scanner="deps", target="t", at=NOW, findings=(finding(),) * (MOST + 1)))
    one = few.findings[0]
    assert (len(many.findings), many.complete, len(many.unknown)) == (MOST, False, 1)
    assert (len(one.check), one.title, one.evidence, one.risk, len(one.labels)) == (
        120,
        "[2Jred",
        "",
        0.0,
        20,
    )
    assert one.state is FindingState.FAILED
