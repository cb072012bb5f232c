"""What one step of each role does."""

import pytest

from vedette.app import crew
from vedette.app.keyring import SnapshotKeyRing
from vedette.app.live_key import LIVE_ALL
from vedette.app.usage import UsageCarrier
from vedette.core.clock import ManualClock
from vedette.intake.usage import MemoryUsage
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts, memory_ports
from vedette.projects.types import REVISION

pytestmark = pytest.mark.django_db


@pytest.fixture
def ports() -> MemoryPorts:
    made = memory_ports(ManualClock())
    install(made)
    return made


def carrier(ports: MemoryPorts) -> UsageCarrier:
    return UsageCarrier(MemoryUsage(), SnapshotKeyRing(tuple), ports.clock)


def test_the_watcher_refreshes_keys_and_wakes_live_pages(ports: MemoryPorts) -> None:
    done: list[str] = []
    end = ports.bus.subscribe(("live:db",), done.append)
    role = crew.watcher(ports, {REVISION: lambda: done.append("keys")})
    ports.kv.put(REVISION, b"1")
    ports.kv.put(LIVE_ALL, b"1")
    ports.kv.put("something/else", b"1")
    role.step()
    assert done == ["keys", "live:db"]
    role.step()
    assert done == ["keys", "live:db"], "each change is told once"
    end()


def test_a_batch_that_fails_is_handed_out_again_and_nothing_is_acked(ports: MemoryPorts) -> None:
    ports.log.publish("event", b"this is no delivery", "1", ports.clock.now()).result()
    failing = crew.digester(ports, lambda batch, now: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        failing.step()
    seen: list[bytes] = []
    working = crew.digester(ports, lambda batch, now: seen.append(batch[0].body) or 1)
    working.step()
    assert seen == [b"this is no delivery"]
    assert ports.log.lag("errors").waiting == 0


def test_draining_takes_what_is_left_without_waiting(ports: MemoryPorts) -> None:
    for n in range(600):
        ports.log.publish("event", b"x", str(n), ports.clock.now()).result()
    sizes: list[int] = []
    crew.digester(ports, lambda batch, now: sizes.append(len(batch)) or len(batch)).drain()
    assert sum(sizes) == 600
    assert max(sizes) <= 256


def test_only_the_process_that_holds_the_lease_leads(ports: MemoryPorts) -> None:
    mine, other = crew.Leadership(ports), crew.Leadership(ports)
    assert mine.held()
    assert not other.held()
    assert mine.held(), "a lease is renewed"
    mine.release()
    assert other.held()
    assert not mine.held()


def test_a_leader_that_sleeps_too_long_is_followed(ports: MemoryPorts) -> None:
    mine, other = crew.Leadership(ports), crew.Leadership(ports)
    assert mine.held()
    ports.clock.forward(60)  # type: ignore[attr-defined]
    assert other.held()
    assert not mine.held()


def test_the_last_counts_are_carried_when_the_scheduler_drains(ports: MemoryPorts) -> None:
    made = carrier(ports)
    role = crew.scheduler(ports, made)
    role.drain()
    assert made.since_start() == {}
