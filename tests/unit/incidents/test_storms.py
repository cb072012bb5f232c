"""Nothing is passed over: alerts saved late, quiet ones that go on, backlogs, pages of hundreds."""

from collections.abc import Callable

import pytest
from tests.support.alerting import hush

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, Role
from vedette.alerts import service as alerts
from vedette.alerts.models import AlertRow
from vedette.alerts.types import Alert
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict
from vedette.incidents import service
from vedette.incidents.acting import AT_ONCE
from vedette.incidents.progress import Act
from vedette.incidents.types import (
    Incident,
    IncidentDraft,
    IncidentRule,
    IncidentRuleDraft,
    IncidentState,
    Sev,
)
from vedette.plumbing.testing import MemoryPorts
from vedette.projects.types import Project
from vedette.signals import service as signals
from vedette.signals.types import Moment, Severity

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


@pytest.fixture
def mira(house: MemoryPorts, clock: ManualClock) -> Actor:
    made = accounts.create_user(
        SYSTEM, "Mira Lind", "mira@tidemark.example", "correct horse battery staple", Role.MEMBER, clock.now()
    )
    return accounts.actor_for(made.id)


def of(*names: str) -> list[Alert]:
    return [alert for alert in alerts.firing(n=1_000).alerts if alert.labels["alertname"] in names]


@pytest.mark.parametrize("act", [Act.ACKNOWLEDGE, Act.MITIGATE, Act.RESOLVE])
def test_whoever_acts_takes_care_of_its_alerts(
    rule: IncidentRule, fire: Fire, mira: Actor, clock: ManualClock, act: Act
) -> None:
    clock.forward(10)
    fire("a")
    settle(clock, 1)
    service.act(mira, only(clock).id, act, clock.now())
    assert [alert.acked_by for alert in of("a")] == ["Mira Lind"]


def test_a_second_acknowledgement_takes_what_came_since(
    rule: IncidentRule, fire: Fire, mira: Actor, clock: ManualClock
) -> None:
    clock.forward(10)
    fire("a")
    settle(clock, 1)
    one = only(clock)
    service.acknowledge(mira, one.id, clock.now())
    fire("b")
    settle(clock, 5)
    for _ in range(2):
        service.acknowledge(mira, one.id, clock.now())
    assert [alert.acked_by for alert in of("b")] == ["Mira Lind"]
    told = [entry.text for entry in service.entries(one.id) if "since" in entry.text]
    assert told == ["acknowledged an alert that had come since"]


def test_what_ends_by_itself_acknowledges_nothing(rule: IncidentRule, fire: Fire, clock: ManualClock) -> None:
    clock.forward(10)
    fire("a")
    settle(clock, 1)
    service.act(SYSTEM, only(clock).id, Act.RESOLVE, clock.now(), "It was quiet.")
    assert [alert.acked_at for alert in of("a")] == [None]


def test_hundreds_of_alerts_are_acknowledged_and_silenced_in_parts(
    rule: IncidentRule, fire: Fire, mira: Actor, clock: ManualClock
) -> None:
    clock.forward(10)
    names = [f"node-{n}" for n in range(AT_ONCE + 20)]
    fire(*names)
    settle(clock, 3)
    one = only(clock)
    service.acknowledge(mira, one.id, clock.now())
    assert {alert.acked_by for alert in of(*names)} == {"Mira Lind"}
    for _ in range(2):
        assert service.silence(mira, one.id, clock.now()) == service.MOST_SILENCED
    told = [entry.text for entry in service.entries(one.id) if entry.text.startswith("silenced")]
    assert told == ["silenced 50 alerts of it for 1 h; more of its alerts fire"] * 2
    assert len(alerts.quiet_of(of(*names), clock.now())) == 100


def test_what_outlasts_its_silence_makes_an_incident(
    rule: IncidentRule, fire: Fire, clock: ManualClock
) -> None:
    hush(clock, "alertname=~silent.*")
    clock.forward(10)
    fire("silent", "silent-too")
    settle(clock, 1)
    fire("silent-too", over=True)
    settle(clock, 600)
    assert service.open_incidents(clock.now()) == ()
    settle(clock, 3_600)
    (there,) = service.alerts_of(only(clock).id)
    assert there.title == "silent fires"


def test_a_backlog_is_read_before_anything_ends(rule: IncidentRule, fire: Fire, clock: ManualClock) -> None:
    clock.forward(10)
    fire("a")
    settle(clock, 1)
    one = only(clock)
    fire("a", over=True)
    settle(clock, 1)
    clock.forward(700)
    fire(*(f"node-{n}" for n in range(300)), severity=Severity.LOW)
    fire("a")
    settle(clock, 1)
    assert only(clock).id == one.id
    assert "resolved it by itself" not in {entry.text for entry in service.entries(one.id)}


def test_what_began_as_it_ended_by_itself_opens_it_again(
    rule: IncidentRule, fire: Fire, clock: ManualClock
) -> None:
    clock.forward(10)
    fire("a")
    settle(clock, 1)
    one = only(clock)
    fire("a", over=True)
    settle(clock, 1)
    settle(clock, 700)
    assert service.incident(one.id).state is IncidentState.RESOLVED
    fire("b")
    settle(clock, 5)
    assert only(clock).id == one.id


def test_what_burns_is_not_merged_into_what_is_over(
    house: MemoryPorts, mira: Actor, clock: ManualClock
) -> None:
    one, two = (service.declare(mira, IncidentDraft(title=title), clock.now()) for title in ("one", "two"))
    service.resolve(mira, two.id, clock.now())
    with pytest.raises(Conflict, match="open it again first"):
        service.merge(mira, one.id, two.id, clock.now())
    service.merge(mira, two.id, one.id, clock.now())


def test_what_its_rule_says_joins_the_one_it_was_merged_into(
    rule: IncidentRule, fire: Fire, mira: Actor, clock: ManualClock
) -> None:
    one = service.declare(mira, IncidentDraft(title="by hand"), clock.now())
    clock.forward(10)
    fire("a")
    settle(clock, 1)
    (two,) = (each for each in service.open_incidents(clock.now()) if each.id != one.id)
    service.merge(mira, two.id, one.id, clock.now())
    clock.forward(60)
    fire("b")
    settle(clock, 5)
    assert service.standing(only(clock).id) == (2, 2)


def test_who_resolves_on_the_server_is_no_quiet(rule: IncidentRule, fire: Fire, clock: ManualClock) -> None:
    clock.forward(10)
    fire("a")
    settle(clock, 1)
    over = service.resolve(SYSTEM, only(clock).id, clock.now())
    assert (over.resolved_by_hand, over.acked_at) == (True, clock.now())
    assert all(alert.acked_at for alert in of("a"))


def test_a_merged_one_takes_no_acts(house: MemoryPorts, mira: Actor, clock: ManualClock) -> None:
    one, two = (service.declare(mira, IncidentDraft(title=title), clock.now()) for title in ("one", "two"))
    service.merge(mira, two.id, one.id, clock.now())
    for act in (
        lambda: service.note(mira, two.id, "x", clock.now()),
        lambda: service.rename(mira, two.id, "x", "", clock.now()),
        lambda: service.set_severity(mira, two.id, Sev.ONE, clock.now()),
        lambda: service.add_task(mira, two.id, "x", clock.now()),
        lambda: service.join(mira, two.id, mira.id, clock.now()),
    ):
        with pytest.raises(Conflict, match=f"It lives on in {one.key}; act there"):
            act()


def test_many_incidents_share_one_reading_of_what_happened(
    house: MemoryPorts, shop: Project, mira: Actor, clock: ManualClock
) -> None:
    draft = IncidentDraft(title="x", project=shop.id)
    made = [service.declare(mira, draft, clock.now()) for _ in range(45)]
    settle(clock)
    moment = Moment(
        at=clock.now() + 1,
        room="monitors",
        kind="monitor.down",
        subject="checkout",
        text="down",
        project=shop.id,
    )
    signals.record([moment])
    clock.forward(6)
    before = [service.work(clock.now()) for _ in range(3)]
    assert before == [21, 21, 5]
    assert all("down" in {entry.text for entry in service.entries(one.id)} for one in made)


def test_an_incident_of_everything_takes_what_may_break_everything(
    house: MemoryPorts, mira: Actor, clock: ManualClock
) -> None:
    one = service.declare(mira, IncidentDraft(title="everything is slow"), clock.now())
    kinds = {
        "deploys": ("deploy", "it went out"), "monitors": ("monitor.down", "down"), "hosts": ("host.silent", "silent"),
        "errors": ("issue.new", "an issue"), "intrusions": ("intrusions.ban", "a ban"),
    }  # fmt: skip
    signals.record(
        [
            Moment(at=clock.now(), room=room, kind=kind, subject="x", text=text)
            for room, (kind, text) in kinds.items()
        ]
    )
    signals.record([Moment(at=clock.now(), room="monitors", kind="monitor.up", subject="x", text="up")])
    settle(clock, 5)
    told = {entry.text for entry in service.entries(one.id) if entry.source.startswith("moment:")}
    assert told == {"it went out", "down", "silent"}
