"""One UTC day in one SQLite file: its schema, its connections, its statements."""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vedette.core.clock import monotonic
from vedette.plumbing.telemetry.days import Place
from vedette.plumbing.telemetry.port import Identity, Span

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL, id BLOB NOT NULL, project INTEGER NOT NULL, key BLOB NOT NULL,
    at REAL NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS record_id ON record (kind, id, project);
CREATE INDEX IF NOT EXISTS record_key ON record (kind, key, at, seq);
"""
_COLUMNS = "kind, id, key, project, at, seq, body"
_CHUNK = 64
_OPCODES = 20_000
_SETTLE_MS = 200  # writers wait for a settling that waits for readers
Row = tuple[str, bytes, bytes, int, float, int, bytes]


def create(path: Path) -> sqlite3.Connection:
    """Open a day for writing; its files are made, of mode 0600, when there are none."""
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    connection = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=2000; PRAGMA temp_store=MEMORY;"
        f" PRAGMA journal_size_limit=16777216; PRAGMA cache_size=-4096; {_SCHEMA}"
    )
    return connection


def insert(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """Add rows in one transaction; on disk when this returns."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for start in range(0, len(rows), _CHUNK):
            chunk = rows[start : start + _CHUNK]
            values = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * len(chunk))
            statement = f"INSERT INTO record ({_COLUMNS}) VALUES {values}"  # noqa: S608 - only placeholders
            connection.execute(statement, [value for row in chunk for value in row])
        connection.execute("COMMIT")
    except sqlite3.Error:
        connection.rollback()
        raise


def erase(connection: sqlite3.Connection, identities: Sequence[Identity]) -> int:
    """Delete rows in one transaction and return how many; SQLite writes zeroes over what they held."""
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("BEGIN IMMEDIATE")
    try:
        gone = connection.executemany(
            "DELETE FROM record WHERE kind = ? AND id = ? AND project = ?", identities
        )
        connection.execute("COMMIT")
        return max(0, gone.rowcount)
    except sqlite3.Error:
        connection.rollback()
        raise


def settle(connection: sqlite3.Connection) -> bool:
    """Move the write-ahead log into the file and cut it to nothing; False when somebody uses the file."""
    connection.execute(f"PRAGMA busy_timeout={_SETTLE_MS}")
    try:
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute("PRAGMA busy_timeout=5000")
    return not busy


def retire(connection: sqlite3.Connection) -> None:
    """Close a day that is written no more, with everything moved into its main file."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


class Reader:
    """A connection that may only read one day; a statement ends after `seconds` (then SQLite says "interrupted")."""

    def __init__(self, path: Path, seconds: float) -> None:
        self.path = path
        self._seconds = seconds
        self._end = 0.0
        self._begun = False
        uri = f"{path.absolute().as_uri()}?mode=rw"
        self._connection = sqlite3.connect(
            uri, uri=True, timeout=5, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA query_only=1")
        self._connection.execute("PRAGMA cache_size=-1024")
        self._connection.set_progress_handler(lambda: monotonic() > self._end, _OPCODES)

    def begun(self) -> bool:
        """Tell whether the day can hold records: a full disk or a kill may leave a file without a table behind."""
        if not self._begun:
            found = self._all("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'record'", [])
            self._begun = bool(found)
        return self._begun

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def known(self, identities: Sequence[Identity]) -> list[tuple[str, bytes, int, int]]:
        """Return (kind, id, project, seq) of those that are stored, perhaps with namesakes of other projects."""
        ids_by_kind: dict[str, list[bytes]] = {}
        for kind, record_id, _ in identities:
            ids_by_kind.setdefault(kind, []).append(record_id)
        found: list[tuple[str, bytes, int, int]] = []
        for kind, ids in ids_by_kind.items():
            marks = ", ".join("?" * len(ids))
            statement = f"SELECT kind, id, project, seq FROM record WHERE kind = ? AND id IN ({marks})"  # noqa: S608
            found += self._all(statement, [kind, *ids])
        return found

    def get(self, kind: str, record_id: bytes, project: int | None, span: Span | None) -> Row | None:
        """Return the newest row of an id."""
        span = span or Span(float("-inf"), float("inf"))
        rows = self._rows(
            "kind = ? AND id = ? AND (? IS NULL OR project = ?) AND at >= ? AND at < ?"
            " ORDER BY at DESC, seq DESC LIMIT 1",
            [kind, record_id, project, project, span.start, span.end],
        )
        return rows[0] if rows else None

    def find(self, kind: str, ids: tuple[bytes, bytes], keys: Sequence[bytes], span: Span) -> Row | None:
        """Return the newest row of these keys with an id between two others."""
        marks = ", ".join("?" * len(keys))
        rows = self._rows(
            f"kind = ? AND id BETWEEN ? AND ? AND key IN ({marks}) AND at >= ? AND at < ?"
            " ORDER BY at DESC, seq DESC, id DESC LIMIT 1",
            [kind, *ids, *keys, span.start, span.end],
        )
        return rows[0] if rows else None

    def page(
        self, kind: str, key: bytes, span: Span, n: int, after: Place | None, *, newest_first: bool
    ) -> list[Row]:
        """Return up to `n` rows of a key in order, beginning after a place."""
        order, beyond = ("DESC", "<") if newest_first else ("ASC", ">")
        where = "kind = ? AND key = ? AND at >= ? AND at < ?"
        values: list[str | bytes | float] = [kind, key, span.start, span.end]
        if after is not None:
            where += f" AND (at, seq, id) {beyond} (?, ?, ?)"
            values += after
        return self._rows(f"{where} ORDER BY at {order}, seq {order}, id {order} LIMIT ?", [*values, n])

    def scan(self, after: int, n: int) -> list[tuple[int, Row]]:
        """Return up to `n` rows of every kind in the order they were stored, each with its place in it."""
        found = self._all(
            f"SELECT rowid, {_COLUMNS} FROM record WHERE rowid > ? ORDER BY rowid LIMIT ?",  # noqa: S608
            [after, n],
        )
        return [(row[0], row[1:]) for row in found]

    def series(self, kind: str, key: bytes, span: Span, step: float) -> list[tuple[int, int]]:
        """Return (bucket, count) of a key."""
        return self._all(
            "SELECT CAST((at - ?) / ? AS INTEGER), count(*) FROM record"
            " WHERE kind = ? AND key = ? AND at >= ? AND at < ? GROUP BY 1",
            [span.start, step, kind, key, span.start, span.end],
        )

    def rollup(self, kind: str, start: float) -> list[tuple[bytes, int, int]]:
        """Return (key, hour, count) of a kind on the day that begins at `start`."""
        return self._all(
            "SELECT key, CAST((at - ?) / 3600 AS INTEGER), count(*) FROM record WHERE kind = ?"
            " GROUP BY 1, 2 ORDER BY 1, 2",
            [start, kind],
        )

    def _rows(self, where: str, values: Sequence[str | bytes | float | None]) -> list[Row]:
        return self._all(f"SELECT {_COLUMNS} FROM record WHERE {where}", values)  # noqa: S608 - no values in it

    def _all(self, statement: str, values: Sequence[str | bytes | float | None]) -> list[Any]:
        self._end = monotonic() + self._seconds
        return self._connection.execute(statement, values).fetchall()
