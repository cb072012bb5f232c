"""What every file was when it was last known: a SQLite file, so that large trees cost no memory."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from vedette.instruments.files.types import FileEntry

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    path BLOB PRIMARY KEY, kind TEXT NOT NULL, mode INTEGER NOT NULL, uid INTEGER NOT NULL, gid INTEGER NOT NULL,
    size INTEGER NOT NULL, digest TEXT NOT NULL, rights TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID;
"""
_FIELDS = "kind, mode, uid, gid, size, digest, rights"
_BATCH = 500


class Baseline:
    """The entries of the baseline by path. Names that are no UTF-8 are kept as they are (surrogateescape)."""

    def __init__(self, path: Path) -> None:
        made = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        os.close(made)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA cache_size=-2000")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM entry").fetchone()[0])

    def get(self, path: str) -> FileEntry | None:
        """Return what a path was, or None."""
        row = self._db.execute(f"SELECT {_FIELDS} FROM entry WHERE path = ?", (os.fsencode(path),)).fetchone()  # noqa: S608
        return FileEntry(*row) if row else None

    def put(self, path: str, entry: FileEntry | None) -> None:
        """Keep what a path is; with None it is forgotten."""
        if entry is None:
            self._db.execute("DELETE FROM entry WHERE path = ?", (os.fsencode(path),))
            return
        values = (entry.kind, entry.mode, entry.uid, entry.gid, entry.size, entry.digest, entry.rights)
        self._db.execute("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (os.fsencode(path), *values))  # fmt: skip

    def together(self) -> sqlite3.Connection:
        """Return what makes several changes one: used as `with`, it begins, and ends them together."""
        if not self._db.in_transaction:
            self._db.execute("BEGIN")
        return self._db

    def below(self, top: str) -> Iterator[str]:
        """Yield the paths that are known at a path and below it, a batch at a time: they may be changed meanwhile."""
        raw = os.fsencode(top.rstrip("/"))
        if self.get(top) is not None:
            yield top
        last = raw + b"/"
        while True:
            rows = self._db.execute("SELECT path FROM entry WHERE path > ? AND path < ? ORDER BY path LIMIT ?", (last, raw + b"0", _BATCH)).fetchall()  # fmt: skip
            yield from (os.fsdecode(row[0]) for row in rows)
            if len(rows) < _BATCH:
                return
            last = rows[-1][0]

    def fact(self, name: str) -> float:
        """Return a number that was kept, or 0."""
        row = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return float(row[0]) if row else 0.0

    def note(self, name: str, value: float) -> None:
        """Keep a number."""
        self._db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))
