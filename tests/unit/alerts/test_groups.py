"""Groups told through the whole path: what alerting promises, replayed with a clock moved by hand."""

import json
from collections.abc import Iterable

import pytest

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import governing, identity, processing, service
from vedette.alerts.becoming import Seen
from vedette.alerts.governing import SilenceDraft
from vedette.alerts.inhibition import Inhibition
from vedette.alerts.matching import parse
from vedette.alerts.routing import Route
from vedette.alerts.telling import Story
from vedette.alerts.types import Receiver, Routing, Standing
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.notify import service as notify
from vedette.notify.types import ChannelRef
from vedette.plumbing.testing import MemoryPorts
from vedette.signals.types import Severity, SignalState

pytestmark = pytest.mark.django_db

TREE = Route(group_by=("cluster",), group_wait=30.0, group_interval=300.0, repeat_interval=3_600.0)


@pytest.fixture
def hook(ports: MemoryPorts) -> ChannelRef:
    return notify.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/a"}, 1.0)


class World:
    """Pushes alerts, lets time pass, and keeps what the hook was told."""

    def __init__(self, ports: MemoryPorts, clock: ManualClock) -> None:
        self.ports, self.clock, self.read = ports, clock, 0

    def routes(
        self, tree: Route = TREE, *inhibitions: Inhibition, receivers: Iterable[Receiver] = ()
    ) -> None:
        table = Routing(tree=tree, inhibitions=inhibitions, receivers=tuple(receivers), source="hand")
        governing.save_routing(SYSTEM, table, self.clock.now())

    def push(
        self, *names: str, over: bool = False, severity: Severity = Severity.HIGH, **labels: str
    ) -> None:
        state = SignalState.RESOLVED if over else SignalState.FIRING
        self.push_all([self.seen(name, state, severity, labels) for name in names])

    def push_all(self, seen: list[Seen]) -> None:
        processing.push(seen, self.clock.now())

    def seen(self, name: str, state: SignalState, severity: Severity, labels: dict[str, str]) -> Seen:
        now = self.clock.now()
        standing = Standing(state=state, severity=severity, change=0, starts=now, ends=now + 1e6)
        story = Story(
            labels={"alertname": name, "cluster": "a", **labels}, annotations={}, seen=standing, title=f"{name} fires",
            text="", link="/alerts/", subject=name, project=None,
        )  # fmt: skip
        return Seen(story, (), "It was pushed.")

    def wait(self, seconds: float) -> list[str]:
        """Let time pass second by second where something is due; return what was told meanwhile."""
        end = self.clock.now() + seconds
        while self.clock.now() < end:
            due = service.next_due()
            step = end if due is None or due > end else max(due, self.clock.now() + 0.1)
            self.clock.forward(min(step, end) - self.clock.now())
            service.process(self.clock.now())
            notify.deliver_due(self.clock.now())
        return self.told()

    def told(self) -> list[str]:
        """Return what arrived since the last asking: `+a +b -c` for what fires and what is over."""
        new = self.ports.net.requests[self.read :]
        self.read += len(new)
        return [_words(json.loads(request.body or b"{}")) for request in new]


def _words(body: dict[str, list[dict[str, dict[str, str]]]]) -> str:
    sign = {"firing": "+", "resolved": "-"}
    return " ".join(sign[str(each["status"])] + each["labels"]["alertname"] for each in body["alerts"])


@pytest.fixture
def world(ports: MemoryPorts, clock: ManualClock, hook: ChannelRef) -> World:
    made = World(ports, clock)
    made.routes()
    return made


def silence(world: World, what: str, seconds: float) -> str:
    now = world.clock.now()
    draft = SilenceDraft(matchers=parse(what), starts=now, ends=now + seconds, comment="work")
    return governing.add_silence(SYSTEM, draft, now).id


def test_many_that_fail_together_are_one_notice(world: World) -> None:
    world.push_all([world.seen(f"m{n:04}", SignalState.FIRING, Severity.HIGH, {}) for n in range(2_800)])
    (told,) = world.wait(300)
    assert told.count("+") == 100, "the first hundred are named, the rest is counted"
    assert json.loads(world.ports.net.requests[0].body or b"")["truncatedAlerts"] == 2_700
    assert world.wait(3_000) == []


def test_what_joins_and_what_ends_is_told_at_the_interval(world: World) -> None:
    world.push("a")
    assert world.wait(30) == ["+a"]
    world.push("b")
    assert world.wait(299) == []
    assert world.wait(2) == ["+a +b"]
    world.push("a", over=True)
    assert world.wait(300) == ["-a +b"]
    world.push("b", over=True)
    assert world.wait(300) == ["-b"]


def test_what_is_over_before_anybody_was_told_is_never_told(world: World) -> None:
    world.push("a")
    world.wait(20)
    world.push("a", over=True)
    assert world.wait(4_000) == []


def test_what_lasts_is_told_again(world: World) -> None:
    world.push("a")
    assert world.wait(30) == ["+a"]
    assert world.wait(3_600) == []
    assert world.wait(300) == ["+a"]


def test_what_somebody_takes_care_of_is_not_told_again_until_they_let_go(world: World) -> None:
    world.push("a")
    world.wait(30)
    (alert,) = service.firing().alerts
    governing.acknowledge(SYSTEM, [alert.id], world.clock.now())
    assert service.firing().alerts[0].acked_by == "vedette"
    assert world.wait(20_000) == []
    governing.unacknowledge(SYSTEM, [alert.id], world.clock.now())
    assert world.wait(300) == ["+a"]


def test_an_acknowledgement_after_the_end_changes_nothing(world: World) -> None:
    world.push("a")
    world.wait(30)
    (alert,) = service.firing().alerts
    world.push("a", over=True)
    assert governing.acknowledge(SYSTEM, [alert.id], world.clock.now()) == ()
    assert world.wait(300) == ["-a"]
    with pytest.raises(NotFound):
        governing.acknowledge(SYSTEM, [999], world.clock.now())


def test_at_the_end_of_a_silence_what_still_fires_is_told_at_once(world: World) -> None:
    world.push("a", "b")
    world.wait(30)
    silence(world, "alertname=a", 1_000)
    world.push("c")
    assert world.wait(300) == ["+b +c"]
    assert world.wait(699) == []
    assert world.wait(2) == ["+a +b +c"]


def test_a_silence_over_what_was_told_lets_it_be_told_again_at_its_end(world: World) -> None:
    world.push("a", "b")
    assert world.wait(30) == ["+a +b"]
    silence(world, "alertname=a", 1_000)
    assert world.wait(999) == []
    assert world.wait(2) == ["+a +b"]


def test_a_silence_of_anything_lets_no_new_group_speak_before_it_has_waited(world: World) -> None:
    silence(world, "alertname=a", 6_000)
    world.push("a", "b")
    service.process(world.clock.now())
    silence(world, "alertname=z", 6_000)
    assert world.wait(29) == []
    world.push("c")
    assert world.wait(1) == ["+b +c"]


def test_a_silence_that_begins_later_is_known_at_its_end_too(world: World) -> None:
    world.push("a")
    assert world.wait(30) == ["+a"]
    now = world.clock.now()
    draft = SilenceDraft(matchers=parse("alertname=a"), starts=now + 100, ends=now + 700, comment="work")
    governing.add_silence(SYSTEM, draft, now)
    for _ in range(10):
        assert world.wait(10) == []
        service.process(world.clock.now())
    for _ in range(59):
        assert world.wait(10) == []
        service.process(world.clock.now())
    assert world.wait(11) == ["+a"]


def test_a_silence_that_ended_while_nobody_watched_is_told_after_the_start(world: World) -> None:
    silence(world, "alertname=a", 600)
    world.push("a")
    assert world.wait(60) == []
    world.clock.forward(3_000)
    service.resume(world.clock.now())
    assert world.wait(29) == []
    assert world.wait(2) == ["+a"]


def test_a_silence_ended_by_hand_lets_go_at_once_and_never_comes_back(world: World) -> None:
    made = silence(world, "alertname=a", 6_000)
    world.push("a")
    assert world.wait(600) == []
    governing.end_silence(SYSTEM, made, world.clock.now())
    assert world.wait(1) == ["+a"]
    with pytest.raises(Conflict):
        governing.end_silence(SYSTEM, made, world.clock.now())


def test_a_silence_must_mean_something(world: World) -> None:
    for what, ends in [("", 100.0), ("a=~'.*'", 100.0), ("a=b", -5.0)]:
        with pytest.raises(Invalid):
            silence(world, what.replace("'", '"'), ends)


def test_a_silence_is_kept_as_long_as_the_history_and_then_gone(world: World) -> None:
    made = silence(world, "alertname=a", 60)
    end = world.clock.now() + 60
    service.drop_before(end - 1)
    assert governing.silence(made).comment == "work"
    service.drop_before(end + 1)
    with pytest.raises(NotFound):
        governing.silence(made)


HOST = Inhibition(source=parse("alertname=HostDown"), target=parse("kind=service"), equal=("cluster",))


def test_what_is_inhibited_is_told_when_the_source_is_over(world: World) -> None:
    world.routes(TREE, HOST)
    world.push("HostDown")
    world.push("api", kind="service")
    assert world.wait(700) == ["+HostDown"]
    world.push("HostDown", over=True)
    assert world.wait(300) == ["-HostDown +api"]


def test_after_a_restart_an_inhibited_alert_does_not_slip_out(world: World) -> None:
    world.routes(TREE, HOST)
    world.push("HostDown")
    world.push("api", kind="service")
    assert world.wait(100) == ["+HostDown"]
    world.clock.forward(7_200)
    service.resume(world.clock.now())
    assert world.wait(29) == []
    assert all("api" not in told for told in world.wait(600))


def test_a_state_that_did_not_change_is_not_told_again_after_a_restart(world: World) -> None:
    world.push("a")
    assert world.wait(30) == ["+a"]
    for _ in range(3):
        world.clock.forward(20)
        service.resume(world.clock.now())
        assert world.wait(300) == []


def test_what_could_not_be_kept_up_while_vedette_was_down_goes_on(world: World) -> None:
    now = world.clock.now()
    seen = world.seen("a", SignalState.FIRING, Severity.HIGH, {})
    standing = Standing(
        state=SignalState.FIRING, severity=Severity.HIGH, change=0, starts=now, ends=now + 240
    )
    story = Story(
        **{name: getattr(seen.story, name) for name in Story.__struct_fields__ if name != "seen"},
        seen=standing,
    )
    world.push_all([Seen(story, (), "It was pushed.")])
    assert world.wait(60) == ["+a"]
    world.clock.forward(3_000)
    service.resume(world.clock.now())
    assert world.wait(100) == [], "it is not over because we were not there"
    assert world.wait(600) == ["-a"]


def test_what_flaps_is_told_once_as_such(world: World) -> None:
    world.routes(Route(group_wait=1.0, group_interval=1.0, repeat_interval=36_000.0))
    told = []
    for _ in range(10):
        world.push("a")
        told += world.wait(30)
        world.push("a", over=True)
        told += world.wait(30)
    assert len(told) < 8
    flapping = [r for r in world.ports.net.requests if b"Flaps" in (r.body or b"")]
    assert len(flapping) == 1
    assert world.wait(1_000) == ["-a"], "calm again, and over"


def test_what_flaps_is_quiet_where_ends_are_not_told(world: World) -> None:
    world.routes(Route(group_wait=1.0, group_interval=1.0, repeat_interval=36_000.0, send_resolved=False))
    told = []
    for _ in range(20):
        world.push("a")
        told += world.wait(30)
        world.push("a", over=True)
        told += world.wait(30)
    assert all(words == "+a" for words in told)
    assert len(told) <= 4
    assert world.wait(2_000) == []


def test_critical_waits_for_nothing_also_in_a_group_that_looked(world: World) -> None:
    world.push("a")
    world.wait(30)
    world.push("b", severity=Severity.CRITICAL)
    assert world.wait(1) == ["+a +b"]


def test_a_clock_that_goes_backwards_tells_nothing_twice(world: World) -> None:
    world.push("a")
    assert world.wait(30) == ["+a"]
    world.clock.forward(-3_600)
    service.process(world.clock.now())
    assert world.told() == []
    world.push("b")
    world.clock.forward(3_600)
    assert world.wait(300) == ["+a +b"]


def test_routes_that_change_move_what_fires_and_tell_nobody_twice(world: World) -> None:
    world.push("a", team="db")
    assert world.wait(30) == ["+a"]
    other = notify.create_channel(
        SYSTEM, "webhook", "DB", {"url": "https://hooks.example/db"}, 1.0, default=False
    )
    world.routes(
        Route(routes=(Route(matchers=parse("team=db"), receiver=other.name),), group_by=("cluster",))
    )
    assert world.wait(300) == ["+a"], "the new receiver was not told yet"
    assert world.ports.net.requests[-1].url == "https://hooks.example/db"
    world.routes(
        Route(routes=(Route(matchers=parse("team=db"), receiver=other.name),), group_by=("cluster",))
    )
    assert world.wait(3_000) == []


def test_a_receiver_of_several_channels(world: World) -> None:
    notify.create_channel(SYSTEM, "webhook", "Two", {"url": "https://hooks.example/2"}, 1.0, default=False)
    world.routes(Route(receiver="both"), receivers=[Receiver(name="both", channels=("Hook", "Two"))])
    world.push("a")
    assert world.wait(31) == ["+a", "+a"]
    assert {r.url for r in world.ports.net.requests} == {"https://hooks.example/a", "https://hooks.example/2"}


def test_routes_name_what_is_wrong_and_change_nothing(world: World) -> None:
    before = governing.routing()
    with pytest.raises(Invalid) as error:
        world.routes(Route(routes=(Route(), Route(routes=(Route(receiver="Hok"),)))))
    assert error.value.fields == {"route 2.1": "There is no receiver 'Hok'. Did you mean 'Hook'?"}
    assert governing.routing() == before


def test_the_fingerprint_is_alertmanagers() -> None:
    assert identity.fingerprint({"alertname": "a", "cluster": "b"}) == identity.fingerprint(
        {"cluster": "b", "alertname": "a"}
    )
