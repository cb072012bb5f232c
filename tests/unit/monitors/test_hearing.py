"""Heartbeats of the journal on core.db: each counts once, makes its verdict, and stands in its log."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.rooms import NOW

from vedette.accounts.permissions import SYSTEM
from vedette.app.heartbeats import Listener
from vedette.core.clock import ManualClock
from vedette.monitors import checkins, hearing, service
from vedette.monitors.types import (
    HEARTBEAT,
    Config,
    Cron,
    Every,
    Monitor,
    MonitorDraft,
    Once,
    PingKind,
    Rhythm,
    State,
)
from vedette.plumbing.log.port import Message
from vedette.plumbing.telemetry.port import Span
from vedette.plumbing.testing import MemoryPorts
from vedette.projects.types import Project
from vedette.signals import service as signals
from vedette.wire import delivery as wire
from vedette.wire import ping as ping_wire
from vedette.wire.delivery import Delivery
from vedette.wire.ping import Pinged

ALL = Span(0.0, 1e11)
MINUTELY = Rhythm(schedule=Every(seconds=60), grace=30)
Send = Callable[..., Message]


@pytest.fixture
def backup(house: MemoryPorts) -> Monitor:
    draft = MonitorDraft(name="Nightly backup", kind=HEARTBEAT, config=Config(rhythm=MINUTELY))
    return service.create(SYSTEM, 0, draft, NOW)


@pytest.fixture
def send(house: MemoryPorts, clock: ManualClock) -> Send:
    """Return a function that digests one delivery of a subject, and gives back its message."""
    seq = 0

    def act(payload: bytes, subject: str = "ping", project: int = 0) -> Message:
        nonlocal seq
        seq += 1
        one = Delivery(project, f"{seq:032x}", clock.now(), payload, "curl/8", "192.0.2.7")
        message = Message(seq=seq, subject=subject, body=wire.encode(one), msg_id=str(seq), at=clock.now())
        service.digest([message], clock.now())
        return message

    return act


def ping(monitor: Monitor, act: str = "success", **more: object) -> bytes:
    return ping_wire.encode(Pinged(monitor.key, act, **more))  # type: ignore[arg-type]


def state(monitor: Monitor) -> State:
    return service.watched([monitor])[0].known.standing.state


def told() -> list[str]:
    return [one.signal.title for one in signals.after(0, 99)]


def test_a_job_that_goes_missing_is_told_and_told_again_when_it_is_back(
    backup: Monitor, send: Send, clock: ManualClock
) -> None:
    send(ping(backup, body=b"\xff\x00 any bytes", method="POST"))
    assert service.next_due() == NOW + 90
    assert service.look(NOW + 90, NOW + 92) == 0
    assert service.look(NOW + 91, NOW + 93) == 1
    assert (state(backup), service.next_due()) == (State.DOWN, None)
    clock.forward(300)
    send(ping(backup))
    assert told() == ["Nightly backup is down", "Nightly backup is up again"]
    found = service.uptime(backup, NOW, NOW + 300)
    assert (found.up, found.down) == (90, 210)
    log, _ = service.pings(backup, ALL)
    assert [(one.ping.kind, one.body) for one in log] == [
        (PingKind.SUCCESS, b""), (PingKind.SUCCESS, b"\xff\x00 any bytes"),
    ]  # fmt: skip
    assert (log[0].client, log[0].address) == ("curl/8", "192.0.2.7")


def test_a_batch_handed_in_again_changes_nothing(backup: Monitor, send: Send) -> None:
    first = send(ping(backup, "fail", code=3))
    assert service.digest([first], NOW) == 0
    assert told() == ["Nightly backup is down"]
    assert len(service.pings(backup, ALL)[0]) == 1


def test_what_cannot_be_read_or_is_of_nobody_stops_nothing(backup: Monitor, send: Send) -> None:
    send(b"rubbish")
    send(b"rubbish", "check_in", 1)
    send(ping_wire.encode(Pinged("f" * 32, "success")))
    send(ping_wire.encode(Pinged(backup.key, "nonsense")))
    service.digest([Message(seq=50, subject="ping", body=b"\xff", msg_id="", at=NOW)], NOW)
    assert service.digest([Message(seq=51, subject="ping", body=b"", msg_id="", at=NOW)], NOW) == 0
    assert state(backup) is State.WAITING


def test_paused_jobs_are_logged_and_not_judged(backup: Monitor, send: Send) -> None:
    service.pause(SYSTEM, backup, NOW, paused=True)
    send(ping(backup, "fail"))
    assert (told(), service.next_due()) == ([], None)
    assert len(service.pings(backup, ALL)[0]) == 1


def test_a_change_of_the_rhythm_moves_the_deadline(backup: Monitor, send: Send) -> None:
    send(ping(backup))
    slower = Config(rhythm=Rhythm(schedule=Every(seconds=3_600), grace=60))
    service.update(SYSTEM, backup, MonitorDraft(name="b", kind=HEARTBEAT, config=slower), NOW)
    assert service.next_due() == NOW + 3_660


def test_a_miss_in_a_maintenance_is_told_after_it_if_it_lasts(
    house: MemoryPorts, send: Send, clock: ManualClock
) -> None:
    config = Config(rhythm=MINUTELY, maintenance=(Once(starts=NOW + 10, ends=NOW + 1_000),))
    job = service.create(SYSTEM, 0, MonitorDraft(name="job", kind=HEARTBEAT, config=config), NOW)
    send(ping(job))
    service.look(NOW + 200, NOW + 200)
    assert (state(job), told()) == (State.DOWN, [])
    assert service.settle(NOW + 900) == 0
    assert service.settle(NOW + 1_001) == 1
    assert told() == ["job is down"]
    assert service.settle(NOW + 1_100) == 0


def test_what_a_long_maintenance_keeps_quiet_stands_in_nobodys_way(
    house: MemoryPorts, send: Send, clock: ManualClock
) -> None:
    for n, ends in enumerate([*[NOW + 90_000] * 5, NOW + 1_000]):
        config = Config(rhythm=MINUTELY, maintenance=(Once(starts=NOW + 10, ends=ends),))
        send(
            ping(service.create(SYSTEM, 0, MonitorDraft(name=f"job {n}", kind=HEARTBEAT, config=config), NOW))
        )
    service.look(NOW + 200, NOW + 200)
    assert hearing.settle(NOW + 1_001, at_once=2) == 1
    assert told() == ["job 5 is down"]


def check_in(send: Send, project: Project, **said: object) -> Message:
    return send(
        json.dumps({"monitor_slug": "nightly", "status": "ok", **said}).encode(), "check_in", project.id
    )


CONFIG = {
    "schedule": {"type": "crontab", "value": "0 4 * * *"}, "timezone": "Europe/Berlin", "checkin_margin": 10,
    "max_runtime": 60, "failure_issue_threshold": 2,
}  # fmt: skip


def test_check_ins_make_their_monitor_and_are_its_heartbeats(send: Send, shop: Project) -> None:
    check_in(send, shop)
    assert service.every() == ()
    check_in(send, shop, status="in_progress", check_in_id="7", monitor_config=CONFIG)
    (made,) = service.every()
    assert (made.project, made.slug, made.kind) == (shop.id, "nightly", HEARTBEAT)
    assert made.config.rhythm == Rhythm(
        schedule=Cron(expression="0 4 * * *", zone="Europe/Berlin"), grace=600, longest=3_600
    )
    assert service.next_due() == NOW + 3_600
    check_in(send, shop, check_in_id="7")
    check_in(send, shop, status="error")
    assert state(made) is State.UP, "two failures were asked for"
    check_in(send, shop, status="error", environment="production")
    assert told() == ["nightly is down"]
    assert len(service.pings(made, ALL)[0]) == 4


def test_environments_are_told_apart(send: Send, shop: Project) -> None:
    check_in(send, shop, monitor_config=CONFIG)
    check_in(send, shop, monitor_config=CONFIG, environment="Staging")
    assert sorted(one.slug for one in service.every()) == ["nightly", "nightly-staging"]


@pytest.mark.parametrize(
    "config",
    [
        {"schedule": {"type": "crontab", "value": "nonsense"}},
        {"schedule": {"type": "interval", "value": 0, "unit": "minute"}},
        {"schedule": {"type": "interval", "value": 5, "unit": "fortnight"}},
        {"schedule": "daily"},
        "nothing",
    ],
)
def test_a_config_that_is_none_makes_no_monitor(send: Send, shop: Project, config: object) -> None:
    check_in(send, shop, monitor_config=config)
    assert service.every() == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["schedule", "type", "value", "unit", "timezone", "checkin_margin", "max_runtime"]), inner, max_size=5
    ),
    max_leaves=12,
)  # fmt: skip


@given(
    slug=st.text(max_size=20), status=st.sampled_from(["ok", "error", "in_progress", "x"]), config=json_values
)
@settings(max_examples=80, deadline=None)
def test_whatever_a_check_in_says_is_read(slug: str, status: str, config: object) -> None:
    found = checkins.read({"monitor_slug": slug, "status": status, "monitor_config": config}, NOW)  # type: ignore[dict-item]
    assert found is None or (found.slug and len(found.slug) <= 50)


def test_the_listener_hears_looks_and_remembers_when_it_did_not(
    backup: Monitor, house: MemoryPorts, clock: ManualClock
) -> None:
    def sent() -> None:
        one = Delivery(0, "0" * 32, clock.now(), ping(backup))
        house.log.publish("ping", wire.encode(one), str(clock.now()), clock.now()).result()

    sent()
    Listener(house).step()
    assert (state(backup), house.log.lag("monitors").waiting) == (State.UP, 0)
    clock.forward(3_600)  # nobody listened meanwhile
    Listener(house).look(clock.now())
    assert state(backup) is State.UP
    clock.forward(60 + 30 + 3)
    Listener(house).look(clock.now())
    assert state(backup) is State.UP, "and it was not listened to for long again"
    for _ in range(10):
        clock.forward(20)
        Listener(house).look(clock.now())
    assert state(backup) is State.DOWN
    sent()
    Listener(house).drain()
    assert state(backup) is State.UP


def test_what_waits_in_the_journal_is_no_miss(
    backup: Monitor, house: MemoryPorts, send: Send, clock: ManualClock
) -> None:
    send(ping(backup))
    clock.forward(60)
    one = Delivery(0, "1" * 32, clock.now(), ping(backup))
    house.log.publish("ping", wire.encode(one), "x", clock.now()).result()
    clock.forward(40)
    listener = Listener(house)
    listener.look(clock.now())
    assert state(backup) is State.UP


def test_a_batch_that_fails_is_handed_out_again(house: MemoryPorts) -> None:
    house.log.publish("ping", b"x", "1", NOW).result()
    with pytest.raises(ZeroDivisionError):
        Listener(house, lambda batch, now: 1 // 0).step()
    assert house.log.lag("monitors").waiting == 1
