"""Every KV keeps values with growing revisions and tells who watches."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection, transaction
from found import adapters
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from vedette.core.clock import monotonic
from vedette.core.errors import Conflict
from vedette.plumbing.bus.local import LocalBus
from vedette.plumbing.bus.port import Bus
from vedette.plumbing.kv.adapter import DatabaseKV
from vedette.plumbing.kv.memory import MemoryKV
from vedette.plumbing.kv.port import KV, Entry

MAKERS: dict[str, Callable[[Bus], KV]] = {"MemoryKV": MemoryKV, "DatabaseKV": DatabaseKV}


def test_every_adapter_is_in_the_suite() -> None:
    assert adapters("kv", KV) == set(MAKERS)


@pytest.fixture(params=sorted(MAKERS))
def kv(request: pytest.FixtureRequest, core_db: Path) -> KV:
    return MAKERS[request.param](LocalBus())


def test_a_value_comes_back_with_its_revision(kv: KV) -> None:
    assert kv.get("a") is None
    revision = kv.put("a", b"\x00one")
    assert kv.get("a") == Entry("a", b"\x00one", revision)
    assert kv.put("a", b"two") > revision
    assert kv.get("b") is None


def test_an_empty_value_is_a_value(kv: KV) -> None:
    revision = kv.put("a", b"")
    assert kv.get("a") == Entry("a", b"", revision)


def test_a_removed_key_is_gone_and_its_revision_counts(kv: KV) -> None:
    first = kv.put("a", b"one")
    gone = kv.delete("a")
    assert gone > first
    assert kv.get("a") is None
    assert kv.put("b", b"two") > gone


def test_compare_and_set(kv: KV) -> None:
    revision = kv.put("a", b"one", expect=0)
    with pytest.raises(Conflict, match="a is at revision"):
        kv.put("a", b"x", expect=0)
    with pytest.raises(Conflict):
        kv.put("a", b"x", expect=revision + 1)
    assert kv.get("a") == Entry("a", b"one", revision)
    later = kv.put("a", b"two", expect=revision)
    kv.delete("a")
    with pytest.raises(Conflict):
        kv.put("a", b"x", expect=later)
    assert kv.put("a", b"three", expect=0) > later


def test_a_watch_tells_what_changed_since(kv: KV) -> None:
    start = kv.put("x", b"0")
    kv.put("p/a", b"1")
    second = kv.put("p/b", b"2")
    third = kv.put("p/a", b"3")
    kv.put("pq", b"4")
    assert kv.watch("p/", start) == [Entry("p/b", b"2", second), Entry("p/a", b"3", third)]
    gone = kv.delete("p/b")
    assert kv.watch("p/", third) == [Entry("p/b", None, gone)]
    assert kv.watch("p/", gone) == []
    assert kv.watch("p/", gone, wait=0.01) == []


def test_a_prefix_is_no_pattern(kv: KV) -> None:
    kv.put("pxa", b"1")
    kv.put("p%", b"2")
    assert [entry.key for entry in kv.watch("p%", 0)] == ["p%"]
    assert kv.watch("P", 0) == []


def test_a_watch_wakes_for_a_write_of_another_thread(kv: KV) -> None:
    got: list[Entry] = []
    begun = threading.Event()

    def watch() -> None:
        begun.set()
        got.extend(kv.watch("p/", 0, wait=20))
        connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun.wait()
    kv.put("q", b"not this")
    revision = kv.put("p/a", b"1")
    written = monotonic()
    watcher.join(10)
    assert got == [Entry("p/a", b"1", revision)]
    assert monotonic() - written < 1


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_notify_wakes_the_topic(name: str, core_db: Path) -> None:
    bus = LocalBus()
    seen = bus.seen("digest")
    MAKERS[name](bus).notify("digest")
    assert bus.wait("digest", seen, 0) > seen


def test_a_write_joins_its_callers_transaction(core_db: Path) -> None:
    kv = DatabaseKV(LocalBus())

    with transaction.atomic():
        kv.put("a", b"1")
        transaction.set_rollback(True)
    assert kv.get("a") is None
    assert kv.watch("", 0) == []


WRITE = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
sys.stdin.readline()
with db:
    db.execute("INSERT INTO plumbing_kv (key, value, revision) VALUES ('p/a', x'31', 7)")
print("written", flush=True)
"""


def test_a_watch_sees_what_another_process_writes(core_db: Path) -> None:
    kv = DatabaseKV(LocalBus())
    kv.put("x", b"0")
    got: list[tuple[float, list[Entry]]] = []

    def watch() -> None:
        found = list(kv.watch("p/", 0, wait=20))
        got.append((monotonic(), found))
        connection.close()

    watcher = threading.Thread(target=watch)
    with subprocess.Popen(
        [sys.executable, "-c", WRITE, str(core_db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        watcher.start()
        other.stdin.write("go\n")
        other.stdin.flush()
        other.stdout.readline()
        written = monotonic()
        watcher.join(10)
    assert got[0][1] == [Entry("p/a", b"1", 7)]
    assert got[0][0] - written < 0.5


class Model(RuleBasedStateMachine):
    """A KV against a list of all that was written."""

    name = ""

    def __init__(self) -> None:
        super().__init__()
        self.kv = MAKERS[self.name](LocalBus())
        newest = self.kv.put("clean", b"")
        for entry in self.kv.watch("", 0):
            newest = max(newest, self.kv.delete(entry.key))
        self.start = newest
        self.live: dict[str, Entry] = {}
        self.changes: dict[str, Entry] = {}
        self.last = newest

    keys = st.sampled_from(["a", "ab", "b", "a_", "á"])

    def wrote(self, entry: Entry) -> None:
        assert entry.revision > self.last
        self.last = entry.revision
        self.changes[entry.key] = entry
        if entry.value is None:
            self.live.pop(entry.key, None)
        else:
            self.live[entry.key] = entry

    @rule(key=keys, value=st.binary(max_size=5))
    def put(self, key: str, value: bytes) -> None:
        self.wrote(Entry(key, value, self.kv.put(key, value)))

    @rule(key=keys, off=st.integers(-1, 1))
    def compare_and_set(self, key: str, off: int) -> None:
        found = self.live[key].revision if key in self.live else 0
        if off:
            with pytest.raises(Conflict):
                self.kv.put(key, b"no", expect=found + off)
        else:
            self.wrote(Entry(key, b"cas", self.kv.put(key, b"cas", expect=found)))

    @rule(key=keys)
    def delete(self, key: str) -> None:
        self.wrote(Entry(key, None, self.kv.delete(key)))

    @rule(key=keys, back=st.integers(0, 6))
    def look(self, key: str, back: int) -> None:
        assert self.kv.get(key) == self.live.get(key)
        since = max(self.start, self.last - back)
        wanted = [e for e in self.changes.values() if e.revision > since and e.key.startswith(key)]
        assert list(self.kv.watch(key, since)) == sorted(wanted, key=lambda e: e.revision)


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_any_course_of_events(name: str, core_db: Path) -> None:
    model = type("Case", (Model,), {"name": name})
    run_state_machine_as_test(
        model, settings=settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    )
