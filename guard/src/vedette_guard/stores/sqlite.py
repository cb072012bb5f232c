"""Rows in a SQLite file, for the processes of one machine."""

from __future__ import annotations

import contextlib
import math
import os
import sqlite3
import threading
import weakref
from pathlib import Path

from vedette_guard.stores.port import Stored

_SCHEMA = """
CREATE TABLE IF NOT EXISTS vedette_guard (
    key TEXT PRIMARY KEY, owner TEXT NOT NULL, revision INTEGER NOT NULL, ends_at REAL, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS vedette_guard_owner ON vedette_guard (owner) WHERE owner <> '';
CREATE INDEX IF NOT EXISTS vedette_guard_ends ON vedette_guard (ends_at) WHERE ends_at IS NOT NULL;
"""
_LIVING = "(ends_at IS NULL OR ends_at > ?)"
_SWEEP_EVERY, _SWEPT_AT_ONCE = 60.0, 1000
_WAIT = 5.0
# What SQLite remembers of a file's locks must not come over a fork: writers would not see each other, and rows be lost.
_made: weakref.WeakSet[SqliteStore] = weakref.WeakSet()
_held: list[SqliteStore] = []
_forking = threading.RLock()


class SqliteStore:
    """Implements `Store` in a file of mode 0600, made when it is missing; its folder has to be there.

    One connection a process, closed before a fork and opened again when it is needed. Rows that ended are swept away
    once a minute.
    """

    waits = True

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._lock = threading.RLock()
        self._pid = 0
        self._swept_at = -math.inf
        self._connected: sqlite3.Connection
        self._connection()
        with _forking:
            _made.add(self)

    def read(self, key: str, now: float) -> Stored | None:
        """Return a row; None when there is none."""
        found = self._rows(f"key = ? AND {_LIVING}", key, now)
        return found[0][1] if found else None

    def insert(self, key: str, row: Stored, now: float) -> bool:
        """Write a row that is new, as revision 1; False when there is one."""
        self._sweep(now)
        values = (key, row.owner, _ends(row), row.body, now)
        return self._change(
            "INSERT INTO vedette_guard (key, owner, revision, ends_at, body) VALUES (?, ?, 1, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, revision = 1, ends_at = excluded.ends_at,"
            " body = excluded.body WHERE vedette_guard.ends_at <= ?",
            *values,
        )

    def replace(self, key: str, row: Stored, revision: int, now: float) -> bool:
        """Write over the row that still has this revision; False when it was written or deleted meanwhile."""
        return self._change(
            "UPDATE vedette_guard SET owner = ?, revision = revision + 1, ends_at = ?, body = ?"
            " WHERE key = ? AND revision = ? AND (ends_at IS NULL OR ends_at > ?)",
            row.owner, _ends(row), row.body, key, revision, now,
        )  # fmt: skip

    def delete(self, key: str) -> bool:
        """Delete a row; False when there was none."""
        return self._change("DELETE FROM vedette_guard WHERE key = ?", key)

    def of_owner(self, owner: str, now: float) -> list[tuple[str, Stored]]:
        """Return all rows of an owner, with their keys."""
        return self._rows(f"owner = ? AND owner <> '' AND {_LIVING} ORDER BY key", owner, now)

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            if self._pid == os.getpid():
                self._connected.close()
            self._pid = 0

    def hold(self) -> None:
        """Close the file and let nobody open it until `let_go`."""
        self._lock.acquire()
        with contextlib.suppress(sqlite3.Error):
            self.close()

    def let_go(self) -> None:
        """Let the file be opened again, by the thread that held it."""
        self._lock.release()

    def _rows(self, where: str, *values: object) -> list[tuple[str, Stored]]:
        query = f"SELECT key, body, owner, ends_at, revision FROM vedette_guard WHERE {where}"  # noqa: S608 - constants
        with self._lock:
            found = self._connection().execute(query, values).fetchall()
        return [
            (key, Stored(body, owner, math.inf if ends is None else ends, revision))
            for key, body, owner, ends, revision in found
        ]

    def _change(self, statement: str, *values: object) -> bool:
        with self._lock:
            return self._connection().execute(statement, values).rowcount > 0

    def _sweep(self, now: float) -> None:
        """Delete some of what ended, so that no request has to delete all of it."""
        with self._lock:
            if now - self._swept_at < _SWEEP_EVERY:
                return
            swept = self._connection().execute(
                "DELETE FROM vedette_guard WHERE key IN"
                " (SELECT key FROM vedette_guard WHERE ends_at <= ? LIMIT ?)",
                (now, _SWEPT_AT_ONCE),
            ).rowcount  # fmt: skip
            if swept < _SWEPT_AT_ONCE:
                self._swept_at = now

    def _connection(self) -> sqlite3.Connection:
        """Return this process's connection: one that came over a fork must not be used, nor closed."""
        if self._pid != os.getpid():
            self._connected, self._pid = _connect(self._path), os.getpid()
        return self._connected


def _before_fork() -> None:
    _forking.acquire()
    for store in list(_made):
        store.hold()
        _held.append(store)


def _after_fork() -> None:
    for store in _held:
        store.let_go()
    _held.clear()
    _forking.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


def _connect(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    made = sqlite3.connect(path, timeout=_WAIT, isolation_level=None, check_same_thread=False)
    made.execute("PRAGMA journal_mode = WAL")
    made.execute("PRAGMA synchronous = NORMAL")
    made.executescript(_SCHEMA)
    return made


def _ends(row: Stored) -> float | None:
    return None if row.ends_at == math.inf else row.ends_at
