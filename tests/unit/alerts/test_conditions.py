"""Each kind of rule: what it looks for, its bounds, its reasons with numbers; and waiting before it is told."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts import checks, holding, matching, rules
from vedette.alerts.conditions import burn_rate, registry
from vedette.alerts.conditions.kind import Condition
from vedette.alerts.types import Compare, Decision, Observation, Params, Per, Rule, RuleDraft, RuleKind
from vedette.signals.types import Series, Severity, Signal, SignalState

NOW = 1_764_000_030.0


def series(name: str, *labels: str, finest: float = 60.0) -> Series:
    made = labels or ("project", "issue", "release")
    return Series(name=name, unit="x", labels=made, read=lambda *_: [], totals=lambda *_: [], finest=finest)


CATALOGUE = {
    name: series(name, finest=finest)
    for name, finest in (
        ("errors.events", 60.0), ("errors.seen", 60.0), ("signals.published", 60.0), ("web.all", 60.0),
        ("web.good", 60.0), ("intake.items", 86_400.0),
    )
}  # fmt: skip
CATALOGUE["signals.published"] = series("signals.published", "project", "room", "kind")

# For each kind: params, and values of its windows with which it fires, and with which it does not.
GOOD = {
    "threshold": (Params(count=5, minutes=1), (6.0,), (5.0,)),
    "rate_of_change": (Params(percent=50, count=10, minutes=10), (15.0, 10.0), (14.0, 10.0)),
    "ratio": (Params(factor=3, count=10, minutes=10), (31.0, 10.0), (30.0, 10.0)),
    "absence": (Params(minutes=30), (0.0, 9.0), (1.0, 9.0)),
    "burn_rate": (
        Params(series="web.all", good="web.good", objective=99.0, burn=14.4, minutes=60, short=5),
        (1_000.0, 800.0, 100.0, 80.0),
        (1_000.0, 800.0, 100.0, 99.0),
    ),
    "new_template": (Params(minutes=5), (1.0,), (0.0,)),
    "template_burst": (Params(factor=5, count=50), (100.0, 240.0), (49.0, 24.0)),
    "degradation": (Params(factor=2, count=10, minutes=60), (20.0, 10.0), (19.0, 10.0)),
    "anomaly": (
        Params(count=10, minutes=60),
        (0.6, NOW, 96.0, 1, 1, 23.4, 10.0, 40.0, NOW - 9 * 86_400),
        (0.4, NOW, 46.0, 1, 1, 23.4, 10.0, 40.0, NOW - 9 * 86_400),
    ),
    "new_value": (Params(series="errors.seen", label="release"), (1.0, 0.0), (1.0, 1.0)),
}


def judged(kind: str, params: Params, values: tuple[float, ...], **labels: str) -> Decision:
    made = Rule(id=1, name="r", kind=kind, params=params)
    seen = Observation(
        labels={"project": "1", "release": "2.0", **labels}, value=values[0], others=values[1:], at=NOW
    )
    return rules.decide(made, seen, NOW)


def measured() -> list[Condition]:
    return [each for each in registry.kinds().values() if each.windows is not None]


@pytest.mark.parametrize("condition", registry.kinds().values(), ids=lambda each: each.kind)
def test_every_kind_is_whole(condition: Condition) -> None:
    assert condition.label
    assert set(condition.fields) <= set(Params.__struct_fields__)
    assert condition.describe(Params())
    measures = condition.windows is not None
    assert (condition.judge is not None) is measures
    assert (condition.hear is not None) is not measures


def test_the_registry_has_what_code_names_and_what_was_asked_for() -> None:
    assert set(RuleKind) <= registry.kinds().keys()
    assert {each.kind for each in measured()} == GOOD.keys()


@pytest.mark.parametrize("kind", GOOD)
def test_it_fires_past_its_bound_and_not_at_it_and_says_why(kind: str) -> None:
    params, trouble, calm = GOOD[kind]
    condition = registry.of(kind)
    assert condition.problems(params, CATALOGUE) == {}
    assert condition.windows is not None
    assert len(condition.windows(params, NOW)) in {len(trouble), 1}
    for values, fires in ((trouble, True), (calm, False)):
        decision = judged(kind, params, values)
        assert decision.fire is fires, decision.reason
        assert decision.reason.endswith(".")


@pytest.mark.parametrize(
    ("kind", "params", "values", "fires", "said"),
    [
        ("threshold", Params(count=3, minutes=5, compare=Compare.BELOW), (2.0, 9.0), True, "2 events in 5 minutes, fewer than 3."),
        ("threshold", Params(count=2.5, series="web.all"), (2.6,), True, "2.6 of web.all in 5 minutes, more than 2.5."),
        ("rate_of_change", Params(percent=100, count=10), (20.0, 10.0), True, "20 events in 5 minutes after 10 before: it rose by 100 %, at least 100 %."),
        ("rate_of_change", Params(percent=100, count=10), (9.0, 1.0), False, "too few to compare, 10 are needed."),
        ("rate_of_change", Params(percent=100, count=10), (10.0, 0.0), True, "it rose from nothing."),
        ("rate_of_change", Params(percent=50, count=10, compare=Compare.BELOW), (4.0, 10.0), True, "it fell by 60 %, at least 50 %."),
        ("rate_of_change", Params(percent=50, count=10, compare=Compare.BELOW), (10.0, 0.0), False, "it rose from nothing."),
        ("rate_of_change", Params(percent=50, count=10, compare=Compare.BELOW), (20.0, 10.0), False, "it rose by 100 %"),
        ("ratio", Params(factor=2, count=5), (9.0, 0.0), False, "there is nothing to compare with."),
        ("ratio", Params(factor=0.5, count=5, compare=Compare.BELOW), (4.0, 10.0), True, "0.4 times as many, below 0.5."),
        ("absence", Params(signal="deploy", minutes=120), (0.0, 0.0), True, "No signal deploy for 2 hours."),
        ("degradation", Params(factor=2, series="web.all"), (900.0, 300.0), True, "web.all was 900 in 5 minutes, 300 at this time last week: 3 times, at least 2."),
        ("degradation", Params(factor=2), (200.0, 0.0), False, "there is nothing to compare with."),
        ("degradation", Params(factor=2, count=50), (40.0, 10.0), False, "too little to mind, 50 is the least."),
        ("anomaly", Params(minutes=60), (0.6, NOW, 130.0, 1, 1, 31.7, 10.0, 40.0, 0.0), True, "130 events, 4.1 × the usual for a Monday 16:00 UTC: further from the usual than ever."),
        ("anomaly", Params(minutes=60), (0.6, NOW, 130.0, 1, 1, 31.7, 10.0, 40.0, NOW - 86_400), False, "Still learning what is usual until"),
        ("new_value", Params(label="release", days=1), (0.0, 0.0), False, "release '2.0' was not seen in 5 minutes."),
        ("new_value", Params(label="release", days=1), (2.0, 0.0), True, "release '2.0' is new: it was not seen in the last day."),
    ],
)  # fmt: skip
def test_reasons_have_the_numbers(
    kind: str, params: Params, values: tuple[float, ...], fires: bool, said: str
) -> None:
    decision = judged(kind, params, values)
    assert decision.fire is fires
    assert said in decision.reason


def test_a_burn_rate_says_both_windows() -> None:
    params, trouble, _ = GOOD["burn_rate"]
    assert judged("burn_rate", params, trouble).reason == (
        "The budget of 99 % burns 20x over 60 minutes (200 of 1000 bad) and 20x over 5 minutes, both more than 14.4x."
    )


@given(st.floats(0, 1e6), st.floats(0, 1), st.floats(1, 99.9))
def test_a_burn_rate_is_the_share_of_bad_over_the_share_allowed(
    total: float, share: float, objective: float
) -> None:
    found = burn_rate.rate(total, total * share, objective)
    highest = 1 / (1 - objective / 100)
    assert 0 <= found <= highest + 1e-9
    if total > 0:
        assert math.isclose(found, max(0.0, 1 - (total * share) / total) * highest, abs_tol=1e-6)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(1, 1e4), st.sampled_from(Compare))
def test_a_change_is_never_both_a_rise_and_a_fall(
    value: float, before: float, percent: float, compare: Compare
) -> None:
    rise = judged("rate_of_change", Params(percent=percent, count=1), (value, before))
    fall = judged("rate_of_change", Params(percent=percent, count=1, compare=Compare.BELOW), (value, before))
    assert not (rise.fire and fall.fire)
    if rise.fire:
        assert value > before
    if fall.fire:
        assert value < before


@given(st.sampled_from(sorted(GOOD)), st.integers(0, 2_000_000_000), st.integers(1, 1_440))
def test_windows_are_whole_minutes_and_never_in_the_future(kind: str, now: int, minutes: int) -> None:
    windows = registry.of(kind).windows
    assert windows is not None
    for window in windows(msgspec.structs.replace(GOOD[kind][0], minutes=minutes), now):
        assert window.start % 60 == 0
        assert window.end % 60 == 0
        assert window.start < window.end <= now + 60


@pytest.mark.parametrize(
    ("kind", "params", "field", "said"),
    [
        ("threshold", Params(series="errors.evnts"), "series", "There is no series 'errors.evnts'. There are errors.events"),
        ("threshold", Params(series="intake.items"), "series", "intake.items is for charts: it is not counted by the minute."),
        ("threshold", Params(count=0, compare=Compare.BELOW), "count", "Nothing is fewer than 0"),
        ("threshold", Params(hold=1_441), "hold", "From 0 to 1440 minutes."),
        ("rate_of_change", Params(percent=150, compare=Compare.BELOW), "percent", "From 1 to 100."),
        ("rate_of_change", Params(count=0), "count", "From 1 to 1,000,000,000."),
        ("ratio", Params(factor=0), "factor", "From 0.01 to 1,000."),
        ("absence", Params(signal="a b"), "signal", "A kind of signal, such as issue.new"),
        ("burn_rate", Params(good="errors.events", objective=100), "objective", "From 1 to 99.999."),
        ("burn_rate", Params(good="web.gone"), "good", "There is no series 'web.gone'"),
        ("burn_rate", Params(good="web.good", objective=90, burn=14.4), "burn", "never burns faster than 10x"),
        ("burn_rate", Params(good="web.good", minutes=5, short=6), "short", "no longer than the long one"),
        ("new_value", Params(label="planet"), "label", "errors.events has the labels project, issue, release."),
        ("new_value", Params(days=36), "days", "From 1 to 35."),
        ("horoscope", Params(), "kind", "There is no kind 'horoscope'."),
        ("absense", Params(), "kind", "Did you mean 'absence'?"),
    ],
)  # fmt: skip
def test_wrong_params_are_named_by_field(kind: str, params: Params, field: str, said: str) -> None:
    wrong = checks.problems(RuleDraft(name="r", kind=kind, params=params), {1}, {3}, {7}, CATALOGUE)
    assert list(wrong) == [field]
    assert said in wrong[field]


@pytest.mark.parametrize(
    ("text", "per", "said"),
    [
        ('project="1"', Per.ALL, ""),
        ('project=~"1|2"', Per.PROJECT, ""),
        ('issue=~"SHOP-.*"', Per.PROJECT, "on a label it is not counted by only = is taken."),
        ('browser="Safari"', Per.ISSUE, "the series has no such label; it has project, issue, release."),
    ],
)
def test_matchers_on_a_series(text: str, per: Per, said: str) -> None:
    draft = RuleDraft(name="r", kind="threshold", matchers=matching.parse(text), params=Params(per=per))
    wrong = checks.problems(draft, {1}, {3}, {7}, CATALOGUE)
    assert wrong.get("matchers", "").endswith(said)
    assert bool(wrong) is bool(said)


@pytest.mark.parametrize("kind", ["threshold", "rate_of_change", "ratio", "absence", "burn_rate"])
def test_a_rule_for_each_release_takes_a_series_that_tells_them_apart(kind: str) -> None:
    there = {
        "web.all": series("web.all", "project"),
        "web.good": series("web.good", "project", "release"),
        "errors.events": series("errors.events", "project", "issue"),
        "errors.by_release": series("errors.by_release", "project", "environment", "release"),
        "other.unit": msgspec.structs.replace(series("other.unit", "project", "release"), unit="y"),
    }
    params = msgspec.structs.replace(GOOD[kind][0], per=Per.RELEASE)
    wrong = checks.problems(RuleDraft(name="r", kind=kind, params=params), {1}, {3}, {7}, there)
    assert wrong["per"].endswith(
        "does not tell one release from another. Take errors.by_release or web.good."
    )
    good = msgspec.structs.replace(params, series="errors.by_release", good="web.good")
    assert not checks.problems(RuleDraft(name="r", kind=kind, params=good), {1}, {3}, {7}, there)
    both = msgspec.structs.replace(params, per=Per.PROJECT)
    assert not checks.problems(RuleDraft(name="r", kind=kind, params=both), {1}, {3}, {7}, there)


def heard(text: str, **labels: str) -> Decision:
    signal = Signal(
        room="errors", kind="issue.new", subject="SHOP-1", severity=Severity.HIGH, state=SignalState.INFO,
        at=NOW, title="t", project=3, labels=labels,
    )  # fmt: skip
    made = Rule(id=1, name="r", kind="new_issue", matchers=matching.parse(text))
    return rules.decide(made, signal, NOW)


def test_matchers_narrow_every_rule_on_signals() -> None:
    assert heard('environment="prod"', environment="prod").fire
    assert heard('severity=~"high|critical", project="3"').fire
    refused = heard('environment="prod"', environment="test")
    assert not refused.fire
    assert refused.reason == 'environment="prod" does not hold.'


def test_a_matcher_on_what_is_counted_by_is_tested_on_each() -> None:
    made = Rule(
        id=1, name="r", kind="threshold", matchers=matching.parse('issue!="SHOP-1"'), params=Params(count=1)
    )
    told = rules.decide(made, Observation(labels={"issue": "SHOP-1"}, value=9, at=NOW), NOW)
    assert told.reason == 'issue!="SHOP-1" does not hold.'
    assert rules.decide(made, Observation(labels={"issue": "SHOP-2"}, value=9, at=NOW), NOW).fire
    assert rules.describe(made).endswith(', where issue!="SHOP-1"')


Turn = tuple[float, frozenset[str]]


@given(
    st.lists(st.tuples(st.floats(1, 100), st.frozensets(st.sampled_from("abc"))), max_size=30),
    st.floats(0, 300),
)
def test_what_fires_was_met_at_every_look_for_as_long_as_it_must(turns: list[Turn], hold: float) -> None:
    now, since = NOW, {}
    began: dict[str, float] = {}
    for seconds, met in turns:
        now += seconds
        began = {name: began.get(name, now) for name in met}
        held = holding.step(since, met, hold, now)
        since = dict(held.since)
        assert since == began
        assert held.firing == {name for name, at in began.items() if now - at >= hold}


def test_a_clock_that_went_back_lets_it_wait_anew_and_not_for_ever() -> None:
    held = holding.step({"a": NOW + 9_000}, {"a"}, 60, NOW)
    assert held.since == {"a": NOW}
    assert holding.step(held.since, {"a"}, 60, NOW + 60).firing == {"a"}
