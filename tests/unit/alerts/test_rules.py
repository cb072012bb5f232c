"""Does a rule speak of what was seen, and does it say why?"""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts import checks, rules
from vedette.alerts.conditions import registry
from vedette.alerts.types import Observation, Params, Per, Rule, RuleDraft, RuleKind
from vedette.signals.types import Series, Severity, Signal, SignalState

NOW = 1_764_000_000.0
EVENTS = Series(
    name="errors.events",
    unit="events",
    labels=("project", "issue"),
    read=lambda *_: [],
    totals=lambda *_: [],
)
CATALOGUE = {"errors.events": EVENTS}


def rule(kind: RuleKind, **changes: object) -> Rule:
    return Rule(**{"id": 1, "name": "r", "kind": kind, **changes})  # type: ignore[arg-type]


def window(minutes: int, now: float) -> tuple[float, float]:
    """Return what a threshold looks at."""
    windows = registry.of("threshold").windows
    assert windows is not None
    (found,) = windows(Params(minutes=minutes), now)
    return found.start, found.end


def signal(kind: str = "issue.new", **changes: object) -> Signal:
    given = {
        "room": "errors", "kind": kind, "subject": "SHOP-1", "severity": Severity.HIGH,
        "state": SignalState.INFO, "at": NOW, "title": "t", "project": 3,
    }  # fmt: skip
    return Signal(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("made", "seen", "fires"),
    [
        (rule(RuleKind.NEW_ISSUE), signal("issue.new"), True),
        (rule(RuleKind.NEW_ISSUE), signal("issue.regressed"), False),
        (rule(RuleKind.NEW_ISSUE), signal("issue.new", room="monitors"), False),
        (rule(RuleKind.NEW_ISSUE, enabled=False), signal("issue.new"), False),
        (rule(RuleKind.NEW_ISSUE, project=3), signal("issue.new"), True),
        (rule(RuleKind.NEW_ISSUE, project=4), signal("issue.new"), False),
        (rule(RuleKind.REGRESSION), signal("issue.regressed"), True),
        (rule(RuleKind.REGRESSION), signal("issue.escalated"), True),
        (rule(RuleKind.NEW_ISSUE), signal("issue.escalated"), False),
        (rule(RuleKind.REGRESSION), signal("issue.new"), False),
        (rule(RuleKind.THRESHOLD), signal("issue.new"), False),
        (rule(RuleKind.SEVERITY), signal(severity=Severity.HIGH), True),
        (rule(RuleKind.SEVERITY), signal(severity=Severity.CRITICAL), True),
        (rule(RuleKind.SEVERITY), signal(severity=Severity.LOW), False),
        (rule(RuleKind.SEVERITY), signal(state=SignalState.RESOLVED), True),
        (rule(RuleKind.SEVERITY), signal(state=SignalState.FIRING, ends=NOW), False),
        (rule(RuleKind.SEVERITY), signal(state=SignalState.FIRING, ends=NOW + 1), True),
    ],
)
def test_signals(made: Rule, seen: Signal, fires: bool) -> None:
    decision = rules.decide(made, seen, NOW)
    assert decision.fire is fires
    assert decision.reason.endswith(".")


@pytest.mark.parametrize(("value", "fires"), [(5.0, False), (6.0, True), (0.0, False)])
def test_more_than_means_more_than(value: float, fires: bool) -> None:
    made = rule(RuleKind.THRESHOLD, params=Params(count=5, minutes=1))
    decision = rules.decide(made, Observation(labels={}, value=value, at=NOW), NOW)
    assert decision.fire is fires
    assert f"{value:.0f} events in 1 minute" in decision.reason


def test_a_rule_that_is_off_does_not_count() -> None:
    made = rule(RuleKind.THRESHOLD, enabled=False, params=Params(count=0))
    assert not rules.decide(made, Observation(labels={}, value=9.0, at=NOW), NOW).fire


@given(st.lists(st.floats(NOW - 600, NOW), max_size=200), st.integers(1, 9))
def test_the_sliding_total_lies_between_the_whole_minutes_inside_and_those_touched(
    instants: list[float], minutes: int
) -> None:
    start, end = window(minutes, NOW)
    assert end - start == (minutes + 1) * 60
    assert start <= NOW - minutes * 60 < start + 60
    touched = [at for at in instants if start <= at < end]
    oldest = [at for at in touched if at < start + 60]
    total = rules.sliding_total(len(touched), len(oldest), NOW)
    assert len(touched) - len(oldest) <= total <= len(touched)
    assert total == math.floor(total)


def test_a_burst_across_the_turn_of_the_minute_is_seen_whole() -> None:
    turn = math.ceil(NOW / 60) * 60
    now = turn + 1.0
    start, _ = window(1, now)
    assert start == turn - 60
    assert rules.sliding_total(6, 3, now) == 6


@pytest.mark.parametrize("kind", RuleKind)
def test_every_kind_says_what_it_looks_for(kind: RuleKind) -> None:
    assert rules.describe(rule(kind))


def test_a_threshold_is_described_in_its_numbers() -> None:
    made = rule(RuleKind.THRESHOLD, params=Params(count=1, minutes=10, per=Per.PROJECT))
    assert rules.describe(made) == "more than 1 event in 10 minutes, per project"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"project": 9}, "project"),
        ({"channels": (1, 9)}, "channels"),
        ({"people": (7, 8)}, "people"),
        ({"repeat_minutes": 0}, "repeat_minutes"),
        ({"params": Params(count=-1)}, "count"),
        ({"params": Params(minutes=0)}, "minutes"),
        ({"params": Params(minutes=1441)}, "minutes"),
    ],
)
def test_what_is_wrong_is_named_by_field(changes: dict[str, object], field: str) -> None:
    given = {"name": "r", "kind": RuleKind.THRESHOLD, **changes}
    assert list(checks.problems(RuleDraft(**given), {1}, {3}, {7}, CATALOGUE)) == [field]  # type: ignore[arg-type]


def test_a_fit_rule_has_no_problems() -> None:
    draft = RuleDraft(name="r", kind=RuleKind.THRESHOLD, project=3, channels=(1,))
    assert checks.problems(draft, {1}, {3}, {7}, CATALOGUE) == {}
