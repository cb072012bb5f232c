"""The key ring holds what projects know, and remembers which keys were used."""

import msgspec
import pytest

from vedette.accounts.permissions import SYSTEM
from vedette.app.keyring import SnapshotKeyRing
from vedette.app.usage import UsageCarrier
from vedette.core.clock import ManualClock
from vedette.intake.usage import MemoryUsage
from vedette.plumbing.ports import install
from vedette.plumbing.testing import memory_ports
from vedette.projects import service as projects
from vedette.projects.types import DsnKey

KEY = DsnKey(
    id=1, project=7, public="abc", label="Default", active=True, origins=("*",), per_minute=3, per_day=None, created_at=0.0
)  # fmt: skip


def test_a_refresh_replaces_the_whole_ring() -> None:
    keys = [KEY]
    ring = SnapshotKeyRing(lambda: tuple(keys))
    assert ring.find("abc") is None
    ring.refresh()
    found = ring.find("abc")
    assert found is not None
    assert (found.project, found.per_minute, found.active) == (7, 3, True)
    keys[0] = msgspec.structs.replace(KEY, active=False)
    ring.refresh()
    revoked = ring.find("abc")
    assert revoked is not None
    assert not revoked.active
    assert ring.active() == 0


def test_only_known_keys_count_as_used_and_only_once() -> None:
    ring = SnapshotKeyRing(lambda: (KEY,))
    ring.refresh()
    ring.find("abc")
    ring.find("abc")
    ring.find("unknown")
    assert ring.take_used() == {"abc"}
    assert ring.take_used() == frozenset()


@pytest.mark.django_db
def test_counts_are_carried_once_and_todays_come_back_after_a_restart() -> None:
    clock = ManualClock()
    install(memory_ports(clock))
    made = projects.create_project(SYSTEM, "Shop", "python", clock.now())
    usage, ring = MemoryUsage(), SnapshotKeyRing(projects.all_keys)
    ring.refresh()
    key = projects.keys(made.id)[0]
    ring.find(key.public)
    carrier = UsageCarrier(usage, ring, clock)
    usage.count(made.id, "event", "accepted", 2, clock.now())
    usage.count(made.id, "session", "not_kept", 5, clock.now())
    carrier.drain()
    carrier.drain()
    assert {(r.item_type, r.count) for r in projects.usage(made.id, "2000-01-01")} == {
        ("event", 2),
        ("session", 5),
    }
    assert carrier.since_start() == {("event", "accepted"): 2, ("session", "not_kept"): 5}
    assert projects.key(made.id, key.id).last_used_at == clock.now()
    fresh = MemoryUsage()
    UsageCarrier(fresh, ring, clock).seed()
    assert fresh.today(made.id, clock.now()) == 2
