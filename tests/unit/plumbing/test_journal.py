"""What only the journal on disk promises: privacy of its files, room, locks, a hand-over between two processes."""

import contextlib
import json
import random
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vedette.core.clock import ManualClock, monotonic
from vedette.core.errors import Unavailable
from vedette.plumbing.log.sqlite import SqliteEventLog

GROUPS = {"errors": frozenset({"event"})}
NOW = 1_764_000_000.0
Open = Callable[..., SqliteEventLog]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Open]:
    """Return what opens the journal below the test's folder; what it opened is closed at the end."""
    opened: list[SqliteEventLog] = []

    def make(**options: float) -> SqliteEventLog:
        log = SqliteEventLog(tmp_path / "journal", GROUPS, **{"clock": ManualClock(NOW), **options})  # type: ignore[arg-type]
        opened.append(log)
        return log

    yield make
    for log in opened:
        log.close()


def put(log: SqliteEventLog, body: bytes, now: float = NOW) -> int:
    return log.publish("event", body, "id", now).result(10)


def drain(log: SqliteEventLog, now: float = NOW) -> list[bytes]:
    messages = log.pull("errors", 1000, now)
    log.ack("errors", [m.seq for m in messages])
    return [m.body for m in messages]


def files(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "journal").iterdir()} - {"lock"}


def test_files_are_private(journal: Open, tmp_path: Path) -> None:
    put(journal(), b"secret")
    folder = tmp_path / "journal"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(files(tmp_path)) == 3
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_a_segment_goes_once_it_is_acked_and_half_a_minute_old(journal: Open, tmp_path: Path) -> None:
    log = journal()
    put(log, b"secret" * 100)
    drain(log)
    log.tick(NOW + 29)
    assert files(tmp_path)
    log.tick(NOW + 30)
    assert files(tmp_path) == set()
    assert log.stats().stored_bytes == 0


def test_a_segment_that_waits_for_an_ack_stays_and_goes_after_it(journal: Open, tmp_path: Path) -> None:
    log = journal()
    kept = put(log, b"secret" * 100)
    log.tick(NOW + 31)
    assert len(files(tmp_path)) == 3
    log.pull("errors", 1, NOW)
    log.ack("errors", [kept])
    log.tick(NOW + 31)
    assert files(tmp_path) == set()


def test_the_writer_keeps_house_by_itself(journal: Open, tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    log = journal(clock=clock)
    put(log, b"secret")
    drain(log)
    clock.forward(31)
    put(log, b"next", clock.now())
    put(log, b"after it", clock.now())
    assert len(files(tmp_path)) == 3
    assert drain(log, clock.now()) == [b"next", b"after it"]


def test_a_full_segment_is_followed_by_another(journal: Open, tmp_path: Path) -> None:
    log = journal(segment_bytes=100_000)
    bodies = [bytes([n]) + random_bytes(n, 30_000) for n in range(20)]
    for body in bodies:
        put(log, body)
    assert len(files(tmp_path)) > 6
    assert drain(log) == bodies
    log.tick(NOW)
    assert len(files(tmp_path)) <= 3


def test_a_group_that_lags_reads_from_disk_what_memory_does_not_hold(journal: Open) -> None:
    log = journal(fresh_bytes=50_000, segment_bytes=200_000)
    bodies = [random_bytes(n, 20_000) for n in range(30)]
    for future in [log.publish("event", body, "id", NOW) for body in bodies]:
        future.result(10)
    assert [m.body for _ in range(10) for m in log.pull("errors", 3, NOW)] == bodies


def test_a_clean_restart_moves_no_log_into_the_database(journal: Open, tmp_path: Path) -> None:
    log = journal()
    put(log, random_bytes(1, 500_000))
    log.close()
    sizes = {path.suffix: path.stat().st_size for path in (tmp_path / "journal").iterdir()}
    assert sizes[".db-wal"] > 500_000 > sizes[".db"]
    log = journal()
    assert log.wait_open(5)
    assert [len(body) for body in drain(log)] == [500_000]


def test_the_next_writer_waits_for_the_one_before_and_then_has_everything(journal: Open) -> None:
    old = journal()
    first = put(old, b"old")
    new = journal()
    waiting = new.publish("event", b"queued", "id", NOW)
    assert not new.wait_open(0.05)
    assert not waiting.done()
    old.close()
    assert waiting.result(10) > first
    assert drain(new) == [b"old", b"queued"]


def test_a_writer_that_never_got_the_folder_refuses_what_it_queued(journal: Open) -> None:
    put(journal(), b"old")
    waiting = journal()
    future = waiting.publish("event", b"queued", "id", NOW)
    waiting.close()
    with pytest.raises(Unavailable):
        future.result(10)


def test_a_locked_segment_is_waited_for_then_refused_and_the_next_publish_works(
    journal: Open, tmp_path: Path
) -> None:
    log = journal(lock_timeout=0.1)
    put(log, b"before")
    (segment,) = (tmp_path / "journal").glob("*.db")
    other = sqlite3.connect(segment, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = monotonic()
    with pytest.raises(Unavailable, match="locked"):
        put(log, b"refused")
    assert monotonic() - started >= 0.1
    put(log, b"after")
    assert drain(log)[:1] == [b"before"]
    log.tick(NOW)
    other.close()
    put(log, b"last")
    log.close()
    log = journal()
    assert log.wait_open(5)
    assert drain(log) == [b"last"]


def test_a_lock_that_frees_in_time_costs_only_the_wait(journal: Open, tmp_path: Path) -> None:
    log = journal(lock_timeout=20)
    put(log, b"before")
    (segment,) = (tmp_path / "journal").glob("*.db")
    other = sqlite3.connect(segment, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.1, other.close).start()
    assert put(log, b"after") > 0


def test_acks_that_find_the_segment_locked_are_stored_the_next_time(journal: Open, tmp_path: Path) -> None:
    log = journal()
    done, _ = put(log, b"done"), put(log, b"waits")
    log.pull("errors", 1, NOW)
    log.ack("errors", [done])
    (segment,) = (tmp_path / "journal").glob("*.db")
    with contextlib.closing(sqlite3.connect(segment, isolation_level=None)) as locker:
        locker.execute("BEGIN IMMEDIATE")
        log.tick(NOW)
        locker.execute("ROLLBACK")
    log.tick(NOW)
    log.close()
    reopened = journal()
    assert reopened.wait_open(10)
    assert drain(reopened) == [b"waits"]


def test_little_free_disk_refuses_at_once(journal: Open) -> None:
    log = journal(min_free_disk_bytes=1 << 60)
    with pytest.raises(Unavailable, match="disk is nearly full"):
        put(log, b"refused")


def test_a_full_queue_refuses_what_comes_next(journal: Open) -> None:
    holder = journal()
    put(holder, b"")
    log = journal(queue_bytes=1000)
    futures = [log.publish("event", bytes(600), "id", NOW) for _ in range(3)]
    assert [future.done() for future in futures] == [False, True, True]
    assert isinstance(futures[1].exception(), Unavailable)
    holder.close()
    assert futures[0].result(10) > 0
    assert put(log, bytes(5000)) > 0


def test_a_caller_that_gave_up_does_not_hurt_the_others(journal: Open) -> None:
    holder = journal()
    put(holder, b"")
    log = journal()
    first, second = (log.publish("event", body, "id", NOW) for body in (b"a", b"b"))
    assert first.cancel()
    holder.close()
    assert second.result(10) > 0


def test_a_spoiled_segment_is_set_aside_and_the_rest_is_kept(journal: Open, tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    folder.mkdir()
    (folder / f"{1:020d}.db").write_bytes(b"this is no database" * 100)
    log = journal()
    put(log, b"kept")
    assert drain(log) == [b"kept"]
    assert (folder / f"{1:020d}.corrupt").exists()


FULL = """
import json, resource, signal, sys
from pathlib import Path
from vedette.core.clock import ManualClock
from vedette.core.errors import Unavailable
from vedette.plumbing.log.sqlite import SqliteEventLog
import random
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = SqliteEventLog(Path(sys.argv[1]), {"errors": frozenset({"event"})}, clock=ManualClock(1764000000.0))
def put(n):
    try:
        return log.publish("event", random.Random(n).randbytes(50_000), str(n), 1764000000.0).result(10) and "kept"
    except Unavailable as error:
        return str(error)
said = [put(0)]
resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, resource.RLIM_INFINITY))
said += [put(n) for n in range(1, 6)]
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
said.append(put(6))
ids = [m.msg_id for m in log.pull("errors", 99, 1764000000.0)]
log.close()
print(json.dumps([said, ids]))
"""


def test_a_full_disk_refuses_and_recovers_without_a_restart(tmp_path: Path) -> None:
    """The disk is full when the system refuses to let a file grow: RLIMIT_FSIZE does that for one process."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    said, ids = json.loads(done.stdout)
    assert said[0] == said[-1] == "kept"
    assert any("free disk space" in words for words in said[1:-1])
    assert ids == [str(n) for n, words in enumerate(said) if words == "kept"]


def random_bytes(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


class BrokenClock:
    """A clock that breaks when told, to bring the writer's thread down."""

    broken = False

    def now(self) -> float:
        if self.broken:
            raise RuntimeError("the clock is broken")
        return NOW


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_writer_that_fell_refuses_instead_of_keeping_its_callers_waiting(journal: Open) -> None:
    clock = BrokenClock()
    log = journal(clock=clock)
    kept = put(log, b"kept")
    clock.broken = True
    with pytest.raises(Unavailable, match="has stopped"):  # noqa: PT012 - the one in hand may still be written
        while put(log, b"the last"):
            pass
    assert not log.wait_open(0)
    log.close()
    again = journal()
    assert again.wait_open(5)
    assert again.pull("errors", 9, NOW)[0].seq == kept
