"""What only the telemetry on disk promises: privacy and size of its files, bounded reads, locks, dropped days."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from vedette.core.clock import day_start
from vedette.core.errors import Unavailable
from vedette.plumbing.telemetry import dayfile
from vedette.plumbing.telemetry.port import Record, Span
from vedette.plumbing.telemetry.sqlite import SqliteTelemetry

MIDNIGHT = day_start("2026-11-25")
DAY = 86_400.0
KEY = b"k" * 16
EVER = Span(0, 4e9)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTelemetry]:
    made = SqliteTelemetry(tmp_path / "telemetry", readers=3)
    yield made
    made.close()


def record(n: int, at: float = MIDNIGHT, body: bytes = b"body") -> Record:
    return Record("event", n.to_bytes(16, "big"), KEY, 1, at, n, body)


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "telemetry").iterdir())


def test_files_are_private_and_bodies_compressed(store: SqliteTelemetry, tmp_path: Path) -> None:
    store.append([record(n, body=b"the same words again " * 1000) for n in range(50)])
    assert store.wal_bytes() > 0
    assert {path.stat().st_mode & 0o777 for path in files(tmp_path)} == {0o600}
    assert (tmp_path / "telemetry").stat().st_mode & 0o777 == 0o700
    assert sum(path.stat().st_size for path in files(tmp_path)) < 200_000
    assert store.get("event", record(7).id) == record(7, body=b"the same words again " * 1000)


def test_a_dropped_day_leaves_no_file_even_while_it_is_read(store: SqliteTelemetry, tmp_path: Path) -> None:
    store.append([record(1, MIDNIGHT - DAY), record(2)])
    with store._reader("2026-11-24") as reader:
        assert store.drop_before("2026-11-25") == ["2026-11-24"]
        assert reader is not None
        assert len(reader.page("event", KEY, EVER, 9, None, newest_first=True)) == 1
    assert {path.name[:10] for path in files(tmp_path)} == {"2026-11-25"}
    assert store.append([record(3, MIDNIGHT - DAY)]) == [True]
    assert [r.seq for r in store.list("event", [KEY], EVER, 9).records] == [2, 3]


def test_a_day_no_longer_written_keeps_no_log(store: SqliteTelemetry, tmp_path: Path) -> None:
    for n in range(4):
        store.append([record(n, MIDNIGHT + n * DAY)])
    assert store.list("event", [KEY], EVER, 9).records
    logs = {path.name: path.stat().st_size for path in files(tmp_path) if path.name.endswith("-wal")}
    assert sorted(name[:10] for name, size in logs.items() if size) == ["2026-11-27", "2026-11-28"]


def test_idle_readers_are_capped(store: SqliteTelemetry) -> None:
    store.append([record(n, MIDNIGHT + n * DAY) for n in range(9)])
    assert len(store.list("event", [KEY], EVER, 99).records) == 9
    assert len(store._readers._idle) == 3


def test_a_read_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    store = SqliteTelemetry(tmp_path / "telemetry", read_seconds=-1)
    rows = [record(n, body=b"") for n in range(20_000)]
    with closing(dayfile.create(tmp_path / "telemetry" / "2026-11-25.db")) as day:
        dayfile.insert(day, [(r.kind, r.id, r.key, r.project, r.at, r.seq, r.body) for r in rows])
    with pytest.raises(Unavailable, match="too long"):
        store.series("event", [KEY], Span(MIDNIGHT, MIDNIGHT + 10), 1)
    store.close()


def test_a_locked_day_is_unavailable_and_nothing_of_the_batch_is_there(tmp_path: Path) -> None:
    store = SqliteTelemetry(tmp_path / "telemetry")
    store.append([record(1)])
    store._writer("2026-11-25").execute("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(tmp_path / "telemetry" / "2026-11-25.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            store.append([record(2), record(3)])
    assert [r.seq for r in store.list("event", [KEY], EVER, 9).records] == [1]
    assert store.append([record(2), record(3)]) == [True, True]
    store.close()


def test_a_full_disk_is_unavailable_and_recovers(store: SqliteTelemetry) -> None:
    store.append([record(1)])
    writer = store._writer("2026-11-25")
    writer.execute("PRAGMA max_page_count = 10")
    noise = [record(n, body=bytes(range(256)) * n) for n in range(2, 200)]
    with pytest.raises(Unavailable, match="free disk space"):
        store.append(noise)
    assert [r.seq for r in store.list("event", [KEY], EVER, 999).records] == [1]
    writer.execute("PRAGMA max_page_count = 100000")
    assert all(store.append(noise))


def test_a_day_that_was_only_begun_holds_nothing_and_is_finished(
    store: SqliteTelemetry, tmp_path: Path
) -> None:
    (tmp_path / "telemetry" / "2026-11-25.db").touch(0o600)
    assert store.get("event", record(1).id) is None
    assert store.append([record(1)]) == [True]
    assert store.get("event", record(1).id) == record(1)


def test_readers_and_a_writer_do_not_disturb_each_other(store: SqliteTelemetry) -> None:
    store.append([record(0)])
    stop = threading.Event()
    problems: list[Exception] = []

    def read() -> None:
        while not stop.is_set():
            try:
                seqs = [r.seq for r in store.list("event", [KEY], EVER, 1000).records]
                assert seqs == list(range(len(seqs) - 1, -1, -1))
            except (AssertionError, Unavailable) as error:
                problems.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for start in range(1, 300, 10):
        store.append([record(n, MIDNIGHT + n) for n in range(start, start + 10)])
    stop.set()
    for thread in threads:
        thread.join()
    assert not problems


def test_a_reopened_store_knows_what_it_had(tmp_path: Path) -> None:
    for expected in (True, True):
        store = SqliteTelemetry(tmp_path / "telemetry")
        assert store.append([record(1)]) == [expected]
        store.close()
    store = SqliteTelemetry(tmp_path / "telemetry")
    assert store.days() == ["2026-11-25"]
    assert store.get("event", record(1).id, Span(MIDNIGHT, MIDNIGHT + 1)) == record(1)
    store.close()
