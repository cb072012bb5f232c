"""SQLite: copied while it is written, counted in the same moment, proven page by page, put back over what was there."""

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest
from tests.support.saved import Saved, told

from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Assertion, Failure


def make(path: Path, rows: int = 500, *, wal: bool = True) -> Path:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as shop:
        shop.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")
        shop.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)")
        shop.execute("CREATE INDEX by_text ON orders (text)")
        shop.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
        shop.execute("PRAGMA user_version = 7")
        shop.execute("BEGIN")
        shop.executemany("INSERT INTO orders (text) VALUES (?)", [(f"order {n} " * 20,) for n in range(rows)])
        shop.execute("COMMIT")
    return path


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make(tmp_path / "shop.db")


def saved_of(tmp_path: Path, *paths: Path, **more: object) -> Saved:
    return Saved(tmp_path / "world", "sqlite", {"paths": [str(path) for path in paths], **more})


def test_a_database_that_is_written_meanwhile_is_one_moment_of_it(tmp_path: Path, shop: Path) -> None:
    stop, written = threading.Event(), threading.Event()

    def write() -> None:
        with contextlib.closing(sqlite3.connect(shop, isolation_level=None, timeout=30)) as other:
            while not stop.is_set():
                other.execute("INSERT INTO orders (text) VALUES ('new')")
                written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(10)
        saved = saved_of(tmp_path, shop)
        gathered = saved.save()
    finally:
        stop.set()
        writer.join()
    rows = {table.name: table.rows for table in gathered.part.tables}
    assert rows["orders"] > 500
    assert gathered.part.sequences == {"orders": rows["orders"]}
    asked = Assertion(name="orders", sql="SELECT count(*) FROM orders", value="500")
    many = Assertion(name="many", sql="SELECT max(id) FROM orders", database="shop", is_="<", value="0")
    checks = saved.prove(gathered, (asked, many))
    assert [name for name, check in checks.items() if not check.passed] == ["many"]


def test_rows_that_did_not_come_back_are_missed(tmp_path: Path, shop: Path) -> None:
    saved = saved_of(tmp_path, shop)
    gathered = saved.save()
    copy = saved.root / saved.staging.relative_to("/") / "0.sqlite"
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as came:
        came.execute("DELETE FROM orders WHERE id = 7")
        came.execute("DROP INDEX by_text")
    assert told(saved.prove(gathered)).startswith(
        "rows: 1 differ: orders had 500 rows and has 499 | schema: "
    )


def test_a_page_that_was_changed_is_found(tmp_path: Path, shop: Path) -> None:
    saved = saved_of(tmp_path, shop)
    gathered = saved.save()
    copy = saved.root / saved.staging.relative_to("/") / "0.sqlite"
    content = bytearray(copy.read_bytes())
    content[4_096 * 10 : 4_096 * 10 + 8] = b"\xff" * 8
    copy.write_bytes(content)
    assert "integrity" in told(saved.prove(gathered))
    copy.unlink()
    assert "did not come back" in told(saved.prove(gathered)) or "No such file" in told(saved.prove(gathered))


def test_nothing_is_put_back_over_what_is_open_nor_beside_an_old_log(tmp_path: Path, shop: Path) -> None:
    shop.chmod(0o660)
    saved = saved_of(tmp_path, shop)
    gathered = saved.save()
    shop.chmod(0o640)
    with contextlib.closing(sqlite3.connect(shop, isolation_level=None)) as live:
        live.execute("DELETE FROM orders")
        with pytest.raises(Failed, match="stop that first"):
            saved.put_back(gathered, None)
    Path(f"{shop}-wal").write_bytes(b"of the old file")
    (check,) = saved.put_back(gathered, None)
    assert check.passed
    with contextlib.closing(sqlite3.connect(shop)) as again:
        assert again.execute("SELECT count(*) FROM orders").fetchone() == (500,)
        assert again.execute("PRAGMA user_version").fetchone() == (7,)
        assert again.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert shop.stat().st_mode & 0o777 == 0o640
    shop.unlink()
    for path in filter(Path.is_file, saved.root.rglob("*")):
        path.chmod(0o4660)  # a repository that lies
    saved.put_back(gathered, None)
    assert shop.stat().st_mode & 0o7777 == 0o660  # as it was when it was saved


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (None, Failure.SOURCE_MISSING),
        (b"", Failure.SOURCE_EMPTY),
        (b"ciphertext" * 10, Failure.SOURCE_MISSING),
    ],
)
def test_what_is_no_database_is_no_backup(tmp_path: Path, content: bytes | None, failure: Failure) -> None:
    path = tmp_path / "other.db"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Failed) as caught:
        saved_of(tmp_path, path).gather()
    assert caught.value.failure is failure


def test_a_database_without_rows_is_empty_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    empty = make(tmp_path / "empty.db", 0, wal=False)
    with pytest.raises(Failed) as caught:
        saved_of(tmp_path, empty).gather()
    assert caught.value.failure is Failure.SOURCE_EMPTY
    content = bytearray(make(tmp_path / "bad.db", wal=False).read_bytes())
    content[4_096 * 12 : 4_096 * 13] = b"\xaa" * 4_096
    (tmp_path / "bad.db").write_bytes(content)
    with pytest.raises(Failed) as caught:
        saved_of(tmp_path / "again", tmp_path / "bad.db").gather()
    assert caught.value.failure is Failure.NOT_PROVEN


def test_several_databases_are_told_apart(tmp_path: Path, shop: Path) -> None:
    (tmp_path / "b").mkdir()
    other = make(tmp_path / "b" / "shop.db", 3, wal=False)
    saved = saved_of(tmp_path, shop, other)
    gathered = saved.save()
    assert {t.rows for t in gathered.part.tables if t.name.endswith(":orders")} == {500, 3}
    assert not told(saved.prove(gathered))
    (check,) = saved.put_back(gathered, tmp_path / "into")
    assert check.passed
    assert (tmp_path / "into" / other.relative_to("/")).is_file()
