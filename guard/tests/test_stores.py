"""Stores: what each of them promises, and what is their own."""

import math
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as redis_client

from tests.support.databases import redis
from vedette_guard.stores import MemoryStore, RedisStore, SqliteStore, Store, Stored

NOW = 4_000_000_000.0  # ahead of every real clock: Redis forgets by its own


@pytest.fixture(scope="module")
def redis_port() -> Iterator[int]:
    with redis() as port:
        yield port


@pytest.fixture(params=["memory", "sqlite", "redis", "redis-decoding"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "sqlite":
        made = SqliteStore(tmp_path / "guard.db")
        yield made
        made.close()
    else:
        port = request.getfixturevalue("redis_port")
        client: Any = redis_client.Redis(port=port, decode_responses=request.param != "redis")
        client.flushall()
        yield RedisStore(client)
        client.close()


def test_a_row_is_inserted_once_read_and_deleted_once(store: Store) -> None:
    assert store.read("a", NOW) is None
    assert store.insert("a", Stored("one", "ann", NOW + 9), NOW)
    assert not store.insert("a", Stored("two"), NOW)
    assert store.read("a", NOW) == Stored("one", "ann", NOW + 9, 1)
    assert store.delete("a")
    assert not store.delete("a")
    assert store.read("a", NOW) is None
    assert store.of_owner("ann", NOW) == []


def test_a_row_is_replaced_by_who_knows_its_revision_only(store: Store) -> None:
    assert not store.replace("a", Stored("one"), 0, NOW)
    store.insert("a", Stored("one"), NOW)
    assert store.replace("a", Stored("two", "bob", NOW + 5), 1, NOW)
    assert not store.replace("a", Stored("three"), 1, NOW), "the revision is 2 now"
    assert store.read("a", NOW) == Stored("two", "bob", NOW + 5, 2)
    assert store.replace("a", Stored("naïve \0 \U0001f511"), 2, NOW)
    assert store.read("a", NOW) == Stored("naïve \0 \U0001f511", "", math.inf, 3)


def test_what_ended_is_as_good_as_none(store: Store) -> None:
    store.insert("a", Stored("one", "ann", NOW + 5), NOW)
    store.insert("b", Stored("two", "ann"), NOW)
    later = NOW + 5
    assert not store.replace("a", Stored("never", "ann", NOW + 50), 1, later)
    assert store.read("a", later) is None
    assert [key for key, _ in store.of_owner("ann", later)] == ["b"]
    assert store.insert("a", Stored("again", "bob", NOW + 50), later)
    assert store.read("a", later) == Stored("again", "bob", NOW + 50, 1)


def test_rows_are_found_by_their_owner_of_now(store: Store) -> None:
    for key, owner in (("a", "ann"), ("b", "bob"), ("c", "ann"), ("d", "")):
        store.insert(key, Stored(key, owner, NOW + 9), NOW)
    assert [(key, row.body) for key, row in store.of_owner("ann", NOW)] == [("a", "a"), ("c", "c")]
    assert store.of_owner("", NOW) == []
    store.replace("a", Stored("a", "bob", NOW + 9), 1, NOW)
    assert [key for key, _ in store.of_owner("ann", NOW)] == ["c"]
    assert [key for key, _ in store.of_owner("bob", NOW)] == ["a", "b"]


def test_of_writers_side_by_side_each_revision_has_one_winner(store: Store) -> None:
    store.insert("count", Stored("0"), NOW)

    def add() -> None:
        for _ in range(10):
            while True:
                row = store.read("count", NOW)
                assert row is not None
                if store.replace("count", Stored(str(int(row.body) + 1)), row.revision, NOW):
                    break

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = store.read("count", NOW)
    assert row is not None
    assert (row.body, row.revision) == ("40", 41)


def test_memory_drops_what_is_nobodys_first_and_never_what_does_not_end() -> None:
    store = MemoryStore(most=3)
    store.insert("factor", Stored("kept", "mfa:ann"), NOW)
    for n in range(3):
        store.insert(f"ann{n}", Stored("", "ann", NOW + 9), NOW)
    for n in range(100):
        store.insert(f"bot{n}", Stored("", "", NOW + 9), NOW)
    assert len(store) == 4
    assert [key for key, _ in store.of_owner("ann", NOW)] == ["ann0", "ann1", "ann2"]
    store.insert("ann3", Stored("", "ann", NOW + 9), NOW)
    assert [key for key, _ in store.of_owner("ann", NOW)] == ["ann1", "ann2", "ann3"]
    assert store.read("factor", NOW) is not None


def test_a_file_is_for_its_owner_alone_keeps_its_rows_and_is_swept(tmp_path: Path) -> None:
    path = tmp_path / "guard.db"
    store = SqliteStore(path)
    assert path.stat().st_mode & 0o777 == 0o600
    store.insert("old", Stored("", "", NOW + 1), NOW)
    store.insert("new", Stored("", "", NOW + 500), NOW + 120)
    store.close()
    again = SqliteStore(path)
    assert again.read("new", NOW) is not None
    assert again.read("old", NOW) is None, "it was swept when another row came a minute later"
    again.close()


def test_a_file_is_opened_again_after_a_fork(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "guard.db")
    store.insert("parent", Stored("1"), NOW)
    child = os.fork()
    if child == 0:
        found = store.read("parent", NOW) is not None and store.insert("child", Stored("2"), NOW)
        os._exit(0 if found else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store.read("child", NOW) == Stored("2", revision=1)
    store.close()


def test_no_row_is_lost_when_one_process_closes_what_another_opened_over_a_fork(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "guard.db")
    (ready, told), (go, start) = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        store.insert("before", Stored(""), NOW)
        os.write(told, b".")
        os.read(go, 1)
        os._exit(0 if store.insert("after", Stored(""), NOW) else 1)
    os.read(ready, 1)
    assert store.read("before", NOW) is not None
    store.close()
    os.write(start, b".")
    assert os.waitpid(child, 0)[1] == 0
    assert [store.read(key, NOW) is not None for key in ("before", "after")] == [True, True]
    store.close()
    for end in (ready, told, go, start):
        os.close(end)


def test_a_sweep_that_did_not_end_goes_on_with_the_next_row(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "guard.db")
    rows = ((f"old{n}", NOW) for n in range(1500))
    store._connection().executemany(
        "INSERT INTO vedette_guard (key, owner, revision, ends_at, body) VALUES (?, '', 1, ?, '')", rows
    )
    for n in range(2):
        store.insert(f"new{n}", Stored(""), NOW + 1)
    assert store._connection().execute("SELECT count(*) FROM vedette_guard").fetchone() == (2,)
    store.close()
