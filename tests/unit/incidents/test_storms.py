"""Nothing is passed over: alerts saved late, quiet ones that go on, backlogs, pages of hundreds."""

from collections.abc import Callable

import pytest

from vedette.accounts.permissions import SYSTEM
from vedette.alerts.models import AlertRow
from vedette.core.clock import ManualClock
from vedette.incidents import service
from vedette.incidents.types import Incident, IncidentRule, IncidentRuleDraft, IncidentState
from vedette.plumbing.testing import MemoryPorts

Fire = Callable[..., None]


@pytest.fixture
def rule(house: MemoryPorts, clock: ManualClock) -> IncidentRule:
    return service.create_rule(SYSTEM, IncidentRuleDraft(name="What is critical"), clock.now())


def settle(clock: ManualClock, seconds: float = 0.0) -> None:
    clock.forward(seconds)
    for _ in range(50):
        if not service.work(clock.now()):
            return
    raise AssertionError("it never comes to rest")


def only(clock: ManualClock) -> Incident:
    (found,) = service.open_incidents(clock.now())
    return found


def test_what_a_long_batch_saves_late_joins(rule: IncidentRule, fire: Fire, clock: ManualClock) -> None:
    fire("old")
    settle(clock, 1)
    clock.forward(60)
    fire("old", over=True)
    settle(clock, 700)
    settle(clock, 2 * 86_400)
    began = clock.now()
    fire("new")
    settle(clock, 5)
    clock.forward(began - clock.now())  # a later batch of the same storm keeps the instant of the first
    fire("old")
    settle(clock, 10)
    assert service.standing(only(clock).id) == (2, 2)


def test_what_a_long_batch_ends_late_is_over(rule: IncidentRule, fire: Fire, clock: ManualClock) -> None:
    clock.forward(10)
    fire("a")
    settle(clock, 100)
    began = clock.now()
    fire("z")
    settle(clock, 5)
    clock.forward(began - clock.now())
    fire("a", over=True)
    clock.forward(6)
    fire("z", over=True)
    settle(clock, 5)
    settle(clock, 700)
    assert service.open_incidents(clock.now()) == ()


def test_an_incident_whose_alerts_are_gone_ends(rule: IncidentRule, fire: Fire, clock: ManualClock) -> None:
    clock.forward(10)
    fire("a", "b")
    settle(clock, 1)
    one = only(clock)
    AlertRow.objects.all().delete()
    settle(clock, 61)
    assert service.standing(one.id) == (2, 0)
    settle(clock, 700)
    assert service.incident(one.id).state is IncidentState.RESOLVED
