"""Spool in a file that its owner alone may read: what waits is there after a restart, numbered as before."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from vedette.core.errors import ConfigError, Unavailable
from vedette.plumbing.spool.memory import fitting
from vedette.plumbing.spool.port import Kept
from vedette.plumbing.sqlite import whole

NAME = "findings.db"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS origin (name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL);
"""


class FileSpool:
    """Implements `plumbing.spool.port.Spool` by SQLite in a folder of its own, for at most `max_bytes` of bodies.

    One process may use a folder at a time. Raises `ConfigError` for one that is in use or cannot be used.
    """

    def __init__(self, folder: Path, origin: str, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        path = folder / NAME
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            path.chmod(0o600)
            self._db = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
            self._origin = self._open(origin)
        except (OSError, sqlite3.Error) as error:
            raise ConfigError(
                f"The spool {path} cannot be used: {error}. Another process may use it; else move it away."
            ) from error
        self._bytes, self._last = self._sums()

    def _open(self, origin: str) -> str:
        """Take the file for this process alone, and return who numbers in it."""
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)
        with whole(self._db):
            found = self._db.execute("SELECT name FROM origin").fetchone()
            if found is None:
                self._db.execute("INSERT INTO origin (name) VALUES (?)", (origin,))
        return str(found[0]) if found else origin

    def _sums(self) -> tuple[int, int]:
        (size,) = self._db.execute("SELECT coalesce(sum(length(body)), 0) FROM kept").fetchone()
        last = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'kept'").fetchone()
        return int(size), int(last[0]) if last else 0

    @property
    def origin(self) -> str:
        """Return who numbers: the file, whichever process uses it."""
        return self._origin

    @property
    def last(self) -> int:
        """Return the number of what was added last."""
        return self._last

    def add(self, bodies: Sequence[bytes]) -> int:
        """Let bodies wait; return how many of the oldest went. Raises `Unavailable` when they cannot be written."""
        with self._told(), whole(self._db):
            before = self._bytes
            self._db.executemany("INSERT INTO kept (body) VALUES (?)", [(body,) for body in bodies])
            size = before + sum(map(len, bodies))
            upto = self._upto(size - self._max_bytes) if size > self._max_bytes else 0
            lost, freed = self._forget(upto)
        self._bytes, self._last = size - freed, self._last + len(bodies)
        return lost

    def _upto(self, over: int) -> int:
        """Return the number up to which all goes so that so many bytes are free; the newest stays."""
        size = upto = 0
        for number, length in self._db.execute("SELECT number, length(body) FROM kept ORDER BY number"):
            if size >= over:
                break
            size, upto = size + int(length), int(number)
        (newest,) = self._db.execute("SELECT max(number) FROM kept").fetchone()
        return min(upto, int(newest) - 1)

    def _forget(self, upto: int) -> tuple[int, int]:
        """Delete all up to a number; return how many that were, and how many bytes."""
        n, size = self._db.execute(
            "SELECT count(*), coalesce(sum(length(body)), 0) FROM kept WHERE number <= ?", (upto,)
        ).fetchone()
        self._db.execute("DELETE FROM kept WHERE number <= ?", (upto,))
        return int(n), int(size)

    def head(self, n: int, max_bytes: int) -> Sequence[Kept]:
        """Return some of the oldest."""
        with self._told():
            rows = self._db.execute("SELECT number, body FROM kept ORDER BY number LIMIT ?", (n,)).fetchall()
        return fitting([Kept(int(number), bytes(body)) for number, body in rows], max_bytes)

    def drop(self, number: int) -> None:
        """Forget all up to a number."""
        with self._told(), whole(self._db):
            _, freed = self._forget(number)
        self._bytes -= freed

    def waiting(self) -> int:
        """Return how many wait."""
        with self._told():
            return int(self._db.execute("SELECT count(*) FROM kept").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise Unavailable(f"The spool cannot be written: {error}.") from error
