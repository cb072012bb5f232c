"""A rule that learns: what it tells and when, that it feeds each value once, and what the pages show of it."""

from collections.abc import Iterator, Mapping, Sequence

import pytest
from django.test import Client

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import evidencing, learning, previewing, service
from vedette.alerts.conditions import anomaly
from vedette.alerts.models import DetectorRow
from vedette.alerts.types import Direction, Params, Per, Rule, RuleDraft, Sensitivity
from vedette.core.clock import ManualClock
from vedette.core.errors import Invalid
from vedette.plumbing.testing import MemoryPorts
from vedette.signals import service as signals
from vedette.signals.types import Series

pytestmark = pytest.mark.django_db
HOUR, DAY = 3_600.0, 86_400.0
NAME = "errors.events"


class Load:
    """A series with the rhythm of days, by the hour, for shops 1 and 2; `odd` hours are as a test says."""

    def __init__(self, now: float) -> None:
        self.first = (now // DAY - 30) * DAY
        self.odd: dict[float, float] = {}
        self.reads: list[tuple[float, float]] = []

    def value(self, at: float) -> float:
        hour = int(at // HOUR)
        return self.odd.get(at // HOUR * HOUR, 100.0 + 50 * (hour % 24 >= 8) + hour * 7919 % 13)

    def read(self, labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
        self.reads.append((start, end))
        odd = labels.get("project") != "2"
        places = [start + i * step for i in range(round((end - start) / step))]
        return [
            (self.value(at) if odd else 120.0 + at // HOUR % 7) if at >= self.first else 0.0 for at in places
        ]

    def totals(
        self, by: Sequence[str], labels: Mapping[str, str], start: float, end: float
    ) -> Sequence[tuple[Mapping[str, str], float]]:
        if not by:
            return [({}, 1.0)]
        return [
            ({"project": one}, n) for one, n in (("2", 5.0), ("1", 9.0)) if labels.get("project", one) == one
        ]


@pytest.fixture
def load(clock: ManualClock) -> Iterator[Load]:
    made, before = Load(clock.now()), signals.catalogue()[NAME]
    signals.register(
        Series(name=NAME, unit="orders", labels=("project",), read=made.read, totals=made.totals)
    )
    yield made
    signals.register(before)


PARAMS = Params(series=NAME, minutes=60, per=Per.PROJECT, count=10, direction=Direction.UP)
DRAFT = RuleDraft(name="Odd", kind="anomaly", params=PARAMS)


def _rule(ports: MemoryPorts, clock: ManualClock, **changes: object) -> Rule:
    return service.create_rule(SYSTEM, RuleDraft(**{**_fields(DRAFT), **changes}), clock.now())  # type: ignore[arg-type]


def _fields(draft: RuleDraft) -> dict[str, object]:
    return {name: getattr(draft, name) for name in RuleDraft.__struct_fields__}


def _hour(clock: ManualClock) -> float:
    return clock.now() // HOUR * HOUR


def _seen(rule: Rule, clock: ManualClock) -> dict[str, float]:
    return {each.labels["project"]: each.value for each in learning.observations(rule, clock.now())}


def test_a_new_rule_learns_from_what_is_known_and_then_feeds_each_value_once(
    ports: MemoryPorts, clock: ManualClock, load: Load
) -> None:
    rule = _rule(ports, clock)
    assert _seen(rule, clock) == {"1": 0.0, "2": 0.0}
    assert load.reads[0] == (_hour(clock) - 28 * DAY, _hour(clock))
    load.reads.clear()
    _seen(rule, clock)
    assert not load.reads
    clock.forward(HOUR)
    _seen(rule, clock)
    assert load.reads == [(_hour(clock) - HOUR, _hour(clock))] * 2
    assert all(len(row.body) <= 2_048 for row in DetectorRow.objects.all())


def test_an_unusual_hour_is_told_with_its_sentence_and_is_over_by_itself(
    ports: MemoryPorts, clock: ManualClock, load: Load
) -> None:
    rule = _rule(ports, clock)
    service.process(clock.now())
    load.odd[_hour(clock)] = 700.0
    clock.forward(HOUR)
    service.process(clock.now())
    (alert,) = service.firing().alerts
    assert alert.labels["project"] == "1"
    assert "× the usual for a" in alert.why
    clock.forward(DAY)
    service.process(clock.now())
    assert not service.firing().alerts
    assert rule.id in alert.rules


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({"direction": Direction.DOWN}, 700.0),
        ({"count": 1_000}, 700.0),
        ({}, 175.0),  # a little more than ever: not at a low sensitivity
    ],
)
def test_what_the_rule_does_not_ask_for_is_not_told(
    ports: MemoryPorts, clock: ManualClock, load: Load, changes: dict[str, object], value: float
) -> None:
    params = Params(**{**{n: getattr(PARAMS, n) for n in Params.__struct_fields__}, **changes})
    _rule(ports, clock, params=params)
    service.process(clock.now())
    load.odd[_hour(clock)] = value
    clock.forward(HOUR)
    service.process(clock.now())
    assert not service.firing().alerts


def test_the_first_week_is_learnt_from(ports: MemoryPorts, clock: ManualClock, load: Load) -> None:
    load.first = _hour(clock) - 3 * DAY
    load.odd[_hour(clock) - HOUR] = 900.0
    rule = _rule(ports, clock)
    decisions = [
        anomaly.CONDITION.judge(rule.params, each)
        for each in learning.observations(rule, clock.now())
        if anomaly.CONDITION.judge
    ]
    assert all(not each.fire and each.reason.startswith("Still learning") for each in decisions)


def test_a_long_stop_is_caught_up_within_bounds(ports: MemoryPorts, clock: ManualClock, load: Load) -> None:
    rule = _rule(ports, clock)
    _seen(rule, clock)
    load.reads.clear()
    clock.forward(90 * DAY)
    _seen(rule, clock)
    assert load.reads[0] == (_hour(clock) - 28 * DAY, _hour(clock))


def test_a_damaged_state_is_learnt_again(ports: MemoryPorts, clock: ManualClock, load: Load) -> None:
    rule = _rule(ports, clock)
    _seen(rule, clock)
    DetectorRow.objects.update(body=b"broken")
    assert _seen(rule, clock) == {"1": 0.0, "2": 0.0}
    assert all(len(bytes(row.body)) > 1_000 for row in DetectorRow.objects.all())


def test_deleting_the_rule_forgets_what_it_learnt(ports: MemoryPorts, clock: ManualClock, load: Load) -> None:
    rule = _rule(ports, clock)
    _seen(rule, clock)
    service.delete_rule(SYSTEM, rule.id, clock.now())
    assert not DetectorRow.objects.exists()


def test_the_preview_tells_what_it_would_have_told(
    ports: MemoryPorts, clock: ManualClock, load: Load
) -> None:
    at = _hour(clock) - 2 * DAY
    load.odd[at] = 700.0
    found = previewing.preview(DRAFT, clock.now(), seconds=60)
    (notice,) = [each for each in found.notices if "usual" in each.title]
    assert at + HOUR <= notice.at <= at + 2 * HOUR
    assert "learnt" in found.note


def test_the_page_of_the_alert_draws_the_evidence(
    ports: MemoryPorts, clock: ManualClock, load: Load, reader: Client
) -> None:
    _rule(ports, clock)
    service.process(clock.now())
    load.odd[_hour(clock)] = 700.0
    clock.forward(HOUR)
    service.process(clock.now())
    (alert,) = service.firing().alerts
    found = service.evidence(alert, clock.now())
    assert found is not None
    assert len(found.values) == len(found.low) == len(found.high) == evidencing.SHOWN
    assert max(found.values) == 700.0
    assert found.outside >= 1
    page = reader.get(f"/alerts/{alert.id}/").content.decode()
    assert "Against the usual" in page
    assert "below the usual" in page


@pytest.mark.parametrize(
    ("params", "field"), [({"series": "no.such"}, "series"), ({"minutes": 1}, "minutes")]
)
def test_a_rule_that_cannot_learn_is_refused(
    ports: MemoryPorts, clock: ManualClock, load: Load, params: dict[str, object], field: str
) -> None:
    given = Params(**{"series": NAME, "minutes": 60, "sensitivity": Sensitivity.HIGH, **params})  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refused:
        _rule(ports, clock, params=given)
    assert field in refused.value.fields
