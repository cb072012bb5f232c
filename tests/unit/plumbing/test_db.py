"""core.db through its helpers, on a real file with the settings of production."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from django.db import connection
from django.db.utils import IntegrityError, OperationalError

from vedette.core.errors import Unavailable
from vedette.plumbing import faults
from vedette.plumbing.db import files, sql
from vedette.plumbing.db.changes import Changes
from vedette.plumbing.db.faults import guarded, is_locked_error


@pytest.fixture(autouse=True)
def fruit(core_db: Path) -> Iterator[None]:
    """Make a table, and wait only briefly for locks."""
    options = connection.settings_dict["OPTIONS"]
    before, options["timeout"] = options["timeout"], 0.1
    sql.execute("CREATE TABLE fruit (name TEXT PRIMARY KEY, n INTEGER)")
    yield
    options["timeout"] = before


class Fruit(msgspec.Struct, frozen=True):
    name: str
    n: int


def other(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=0.1, check_same_thread=False)


def test_rows_become_what_the_store_wants() -> None:
    assert sql.executemany("INSERT INTO fruit VALUES (%s, %s)", [("fig", 3), ("kiwi", 5), ("plum", 7)]) == 3
    assert sql.executemany("INSERT INTO fruit VALUES (%s, %s)", []) == 0
    assert sql.execute("UPDATE fruit SET n = n + 1 WHERE n > %s", [4]) == 2
    names = ["fig", "plum"]
    found = sql.rows(Fruit, f"SELECT name, n FROM fruit WHERE name IN ({sql.marks(2)}) ORDER BY n", names)  # noqa: S608
    assert found == [Fruit("fig", 3), Fruit("plum", 8)]
    assert sql.row(Fruit, "SELECT name, n FROM fruit WHERE n = %s", [6]) == Fruit("kiwi", 6)
    assert sql.row(Fruit, "SELECT name, n FROM fruit WHERE n = 0") is None
    assert sql.query("SELECT n FROM fruit ORDER BY n") == [(3,), (6,), (8,)]
    assert sql.query_one("SELECT n FROM fruit WHERE n = 0") is None


def test_a_transaction_is_all_or_nothing_and_tells_after_its_commit() -> None:
    told: list[str] = []

    def fail() -> None:
        with sql.transaction():
            sql.execute("INSERT INTO fruit VALUES ('fig', 1)")
            sql.on_commit(lambda: told.append("never"))
            sql.execute("INSERT INTO fruit VALUES ('fig', 2)")

    with pytest.raises(IntegrityError):
        fail()
    assert sql.query("SELECT * FROM fruit") == []
    with sql.transaction():
        sql.execute("INSERT INTO fruit VALUES ('fig', 1)")
        sql.on_commit(lambda: told.append("committed"))
        assert told == []
    sql.on_commit(lambda: told.append("at once"))
    assert told == ["committed", "at once"]


def test_a_transaction_takes_the_write_lock_first(core_db: Path) -> None:
    with sql.transaction(), closing(other(core_db)) as rival:
        with pytest.raises(sqlite3.OperationalError) as caught:
            rival.execute("BEGIN IMMEDIATE")
        assert is_locked_error(caught.value)


def test_a_lock_that_does_not_free_is_unavailable(core_db: Path) -> None:
    with closing(other(core_db)) as rival:
        rival.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"), sql.transaction():
            pytest.fail("the lock was taken")
        with pytest.raises(Unavailable):
            sql.execute("INSERT INTO fruit VALUES ('fig', 1)")
    sql.execute("INSERT INTO fruit VALUES ('fig', 1)")


def test_a_full_disk_is_unavailable_and_recovers() -> None:
    sql.execute("PRAGMA max_page_count = 4")
    with pytest.raises(Unavailable, match="free disk space"):
        sql.execute("INSERT INTO fruit VALUES (%s, 1)", ["x" * 100_000])
    sql.execute("PRAGMA max_page_count = 1000")
    assert sql.execute("INSERT INTO fruit VALUES (%s, 1)", ["x" * 100_000]) == 1


def test_other_errors_pass_as_they_are() -> None:
    with pytest.raises(OperationalError, match="no such table"):
        sql.query("SELECT * FROM nowhere")
    assert not is_locked_error(ValueError("database is locked"))
    with pytest.raises(ValueError, match="database is locked"), guarded():
        raise ValueError("database is locked")
    assert faults.unavailable(sqlite3.OperationalError("no such table: x"), "It") is None


def test_a_read_that_takes_too_long_is_stopped_and_the_next_is_not() -> None:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    with pytest.raises(Unavailable, match="too long"), sql.reading(0.05):
        sql.query(endless)
    assert sql.query(endless.replace("FROM c)", "FROM c WHERE x < 300000)")) == [(300000,)]


def test_changes_of_others_are_noticed_and_only_once(core_db: Path) -> None:
    changes = Changes()
    assert changes.poll()
    assert not changes.poll()
    sql.execute("INSERT INTO fruit VALUES ('fig', 1)")
    assert changes.poll()
    with closing(other(core_db)) as process:
        process.execute("BEGIN IMMEDIATE")
        process.execute("INSERT INTO fruit VALUES ('kiwi', 1)")
        assert not changes.poll()
        process.execute("COMMIT")
    assert changes.poll()
    assert not changes.poll()
    changes.close()


def test_the_log_is_measured_and_moved(core_db: Path) -> None:
    sql.execute("INSERT INTO fruit VALUES (%s, 1)", ["x" * 100_000])
    assert files.path() == core_db
    assert files.wal_bytes(core_db) > 100_000
    assert files.checkpoint(truncate=True)
    assert files.wal_bytes(core_db) == 0
    assert files.wal_bytes(core_db.with_name("nothing.db")) == 0


def test_a_reader_keeps_the_log_from_moving(core_db: Path) -> None:
    with closing(other(core_db)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM fruit").fetchall()
        sql.execute("INSERT INTO fruit VALUES ('fig', 1)")
        assert not files.checkpoint(truncate=True)
    assert files.checkpoint(truncate=True)


def test_a_copy_is_whole_private_and_made_while_others_write(core_db: Path) -> None:
    sql.execute("INSERT INTO fruit VALUES ('fig', 1)")
    copy = core_db.with_name("before-upgrade.db")
    with closing(other(core_db)) as process:
        process.execute("BEGIN IMMEDIATE")
        process.execute("INSERT INTO fruit VALUES ('kiwi', 1)")
        size = files.copy_database(core_db, copy)
        process.execute("COMMIT")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert copy.stat().st_size == size
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("SELECT name FROM fruit").fetchall() == [("fig",)]
        assert copied.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert {p.name for p in core_db.parent.iterdir() if "before" in p.name} == {"before-upgrade.db"}
    assert files.copy_database(core_db, copy) > 0


def test_there_must_be_something_to_copy(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no database"):
        files.copy_database(tmp_path / "nothing.db", tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_racing_transactions_all_commit() -> None:
    connection.settings_dict["OPTIONS"]["timeout"] = 20
    sql.execute("INSERT INTO fruit VALUES ('fig', 0)")

    def count(_: int) -> None:
        for _n in range(10):
            with sql.transaction():
                row = sql.query_one("SELECT n FROM fruit")
                assert row is not None
                sql.execute("UPDATE fruit SET n = %s", [int(row[0] or 0) + 1])
        connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    assert sql.query("SELECT n FROM fruit") == [(40,)]
