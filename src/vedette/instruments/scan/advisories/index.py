"""An index of advisories on disk: a SQLite file that is written once, whole, and then only read."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import zstandard

from vedette.instruments.scan.advisories.osv import Record
from vedette.instruments.scan.advisories.types import Advisory, Affected

_SCHEMA = """
CREATE TABLE records (number INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE packages (
    ecosystem TEXT NOT NULL, name TEXT NOT NULL, record INTEGER NOT NULL, nth INTEGER NOT NULL, affected BLOB NOT NULL,
    PRIMARY KEY (ecosystem, name, record, nth)
) WITHOUT ROWID;
CREATE TABLE hints (cve TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID;
"""
_ENCODE = msgspec.msgpack.Encoder().encode
_AFFECTED = msgspec.msgpack.Decoder(Affected).decode
_ADVISORY = msgspec.msgpack.Decoder(Advisory).decode
_AT_ONCE = 500
_LEVEL = 1
_MOST_BODY = 1024 * 1024


class Writer:
    """Writes an index that nobody reads yet."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32768;" + _SCHEMA
        )
        self._database.execute("BEGIN")
        self._number = 0
        self._compress = zstandard.ZstdCompressor(level=_LEVEL).compress

    def add(self, record: Record) -> None:
        """Take a record in."""
        self._number += 1
        body = self._compress(_ENCODE(record.advisory))
        self._database.execute("INSERT INTO records VALUES (?, ?)", (self._number, body))
        self._database.executemany(
            "INSERT INTO packages VALUES (?, ?, ?, ?, ?)",
            [
                (ecosystem, name, self._number, nth, _ENCODE(affected))
                for nth, (ecosystem, name, affected) in enumerate(record.packages)
            ],
        )

    def hint(self, pairs: Iterable[tuple[str, float]]) -> int:
        """Take hints in by CVE number and return how many there are."""
        self._database.executemany("INSERT OR REPLACE INTO hints VALUES (?, ?)", pairs)
        count: int = self._database.execute("SELECT count(*) FROM hints").fetchone()[0]
        return count

    def close(self) -> None:
        """End the index; what is on disk is whole then."""
        self._database.execute("COMMIT")
        self._database.close()

    def abandon(self) -> None:
        """Leave it as it is, to be thrown away."""
        self._database.close()


class Reader:
    """Reads an index; the file may be replaced meanwhile, this one stays as it was. For one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self._database.execute("PRAGMA mmap_size=1073741824")
        self._decompress = zstandard.ZstdDecompressor().decompress

    def affected(self, ecosystem: str, name: str) -> Sequence[tuple[int, Affected]]:
        """Return what is told of a package: numbers of records, and which versions each affects."""
        rows = self._database.execute(
            "SELECT record, affected FROM packages WHERE ecosystem = ? AND name = ?", (ecosystem, name)
        )
        return [(number, _AFFECTED(blob)) for number, blob in rows]

    def advisory(self, number: int) -> Advisory:
        """Return a record."""
        (body,) = self._database.execute("SELECT body FROM records WHERE number = ?", (number,)).fetchone()
        return _ADVISORY(self._decompress(body, max_output_size=_MOST_BODY))

    def hints(self, cves: Iterable[str]) -> Iterator[tuple[str, float]]:
        """Yield the hints of CVE numbers."""
        names = list(dict.fromkeys(cves))
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            marks = ",".join("?" * len(some))
            yield from self._database.execute(f"SELECT cve, value FROM hints WHERE cve IN ({marks})", some)  # noqa: S608 - marks

    def close(self) -> None:
        """Let the file go."""
        with contextlib.suppress(sqlite3.Error):
            self._database.close()
