"""Texts are changed in every table of a database whose schema nobody told, and leave its file."""

import os
import sqlite3
from pathlib import Path

import pytest

from vedette.plumbing.db import copies, sweeping
from vedette.plumbing.db.sweeping import Key, Table, Value
from vedette.plumbing.sqlite import whole

SCHEMA = """
CREATE TABLE plain (id INTEGER PRIMARY KEY, title VARCHAR(99), n INTEGER, blob BLOB);
CREATE TABLE tags (issue INTEGER, value VARCHAR(99), PRIMARY KEY (issue, value)) WITHOUT ROWID;
CREATE TABLE stays (who TEXT);
CREATE TABLE numbers (n INTEGER);
CREATE VIRTUAL TABLE words USING fts5(body);
"""


def change(value: Value) -> Value:
    if isinstance(value, bytes):
        return value.replace(b"anna", b"****")
    return value.replace("anna", "****").replace("Anna", "****") if isinstance(value, str) else value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "copy.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(SCHEMA)
    connection.execute("BEGIN")  # else each row waits for the disk
    for n in range(1_200):
        connection.execute(
            "INSERT INTO plain VALUES (?, ?, ?, ?)", (n, f"for anna {n}", n, b"\xc4anna" if n % 2 else None)
        )
        connection.execute("INSERT INTO words (rowid, body) VALUES (?, ?)", (n, f"anna says w{n}"))
    connection.executemany("INSERT INTO tags VALUES (1, ?)", [("anna",), ("Anna",), ("bert",)])
    connection.execute("INSERT INTO stays VALUES ('anna')")
    connection.execute("COMMIT")
    connection.close()
    return path


def drop(table: Table, key: Key) -> bool:
    return table.name == "plain" and key[0] == 7


def test_every_table_but_those_that_stay_is_changed(file: Path) -> None:
    os.utime(file, (1_000_000, 1_000_000))
    changed = copies.clean(
        file, change, drop, {"stays"}, {"tags": ("value = ?", ("bert",)), "none": ("1", ())}
    )
    assert file.stat().st_mtime == 1_000_000
    connection = sqlite3.connect(file)
    assert connection.execute("SELECT count(*) FROM plain").fetchone() == (1_199,)
    assert connection.execute("SELECT title, blob FROM plain WHERE id = 1").fetchone() == (
        "for **** 1",
        b"\xc4****",
    )
    assert connection.execute("SELECT value FROM tags").fetchall() == [("****",)]
    assert connection.execute("SELECT who FROM stays").fetchall() == [("anna",)]
    assert connection.execute("SELECT count(*) FROM words WHERE words MATCH 'anna'").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM words WHERE words MATCH 'w77'").fetchone() == (1,)
    connection.close()
    assert changed == 1_200 + 1_200 + 2 + 1
    assert file.read_bytes().count(b"anna") == 1


def test_merging_in_steps_lets_a_word_leave_the_index(file: Path) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA secure_delete=ON")
    (words,) = (table for table in sweeping.tables(connection) if table.words)
    after: Key | None = None
    while True:
        piece = sweeping.read(connection, words, after, 100)
        sweeping.rewrite(connection, words, piece, change, lambda: whole(connection))
        after = piece.after
        if after is None:
            break
    assert held(connection)
    pages = -5
    while sweeping.merge_words(connection, "words", pages):
        pages = 5
    assert not held(connection)
    assert connection.execute("SELECT count(*) FROM words WHERE words MATCH 'says'").fetchone() == (1_200,)
    connection.close()


def held(connection: sqlite3.Connection) -> bool:
    """Tell whether the index itself still holds the word."""
    return any(b"anna" in block for (block,) in connection.execute("SELECT block FROM words_data"))


def test_a_row_that_changed_meanwhile_is_left_as_it_is_now(file: Path) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    plain = next(table for table in sweeping.tables(connection) if table.name == "plain")
    piece = sweeping.read(connection, plain, None, 1)
    connection.execute("UPDATE plain SET title = 'new' WHERE id = 0")
    sweeping.rewrite(connection, plain, piece, change, lambda: whole(connection))
    assert connection.execute("SELECT title FROM plain WHERE id = 0").fetchone() == ("new",)
    connection.close()
