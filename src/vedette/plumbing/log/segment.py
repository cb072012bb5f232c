"""One file of the journal: an SQLite database in WAL mode that is written once and unlinked whole.

The write-ahead log is never moved into the database: a segment lives for seconds, so that would only write
everything twice.
"""

import contextlib
import os
import sqlite3
import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path

from vedette.plumbing.log.frame import Frame, Head, heads_of

_SCHEMA = """
CREATE TABLE frame (first INTEGER PRIMARY KEY, heads BLOB NOT NULL, packed INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE acked (reader TEXT NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL);
"""
_INSERT = "INSERT INTO frame (first, heads, packed, body) VALUES (?, ?, ?, ?)"
Range = tuple[int, int]


class Segment:
    """A segment and what is known of it in memory: its `seq`s, and `open`, how many acks it still waits for."""

    def __init__(self, path: Path, opened_at: float, lock_timeout: float) -> None:
        self.path = path
        self.opened_at = opened_at
        self.open = 0
        self.acked: dict[str, list[int]] = {}
        self._timeout = lock_timeout
        self._files = [path.with_name(path.name + end) for end in ("", "-wal", "-shm")]
        self._seqs = array("q")
        self._frames = array("q")
        self._reading = threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None

    @property
    def empty(self) -> bool:
        """Tell whether nothing was ever committed here."""
        return not self._seqs

    @property
    def first(self) -> int:
        """Return the least `seq` this segment may hold."""
        return int(self.path.stem)

    @property
    def last(self) -> int:
        """Return the greatest `seq` committed here, or 0."""
        return self._seqs[-1] if self._seqs else 0

    def create(self) -> None:
        """Make the files, of mode 0600, and open them for writing."""
        os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        self._connect().executescript(f"PRAGMA page_size=16384; PRAGMA journal_mode=WAL; {_SCHEMA}")

    def recover(self) -> list[Head]:
        """Open what an earlier process left and return the heads of its messages, in order."""
        rows = self._connect().execute("SELECT first, heads FROM frame ORDER BY first").fetchall()
        found: list[Head] = []
        for first, packed in rows:
            heads = heads_of(packed)
            self._frames.append(first)
            self._seqs.extend(head.seq for head in heads)
            found += heads
        return found

    def acked_before(self) -> dict[str, set[int]]:
        """Return which messages each group had acked when the earlier process stopped; after `recover`."""
        found: dict[str, set[int]] = {}
        for group, low, high in self._connect().execute("SELECT reader, low, high FROM acked"):
            inside = self._seqs[bisect_left(self._seqs, low) : bisect_right(self._seqs, high)]
            found.setdefault(group, set()).update(inside)
        return found

    def append(self, frame: Frame) -> None:
        """Store a frame; it is on disk when this returns."""
        self._connect().execute(_INSERT, (frame.first, frame.heads, frame.packed, frame.body))

    def added(self, seqs: Sequence[int]) -> None:
        """Note in memory the messages of the frame that `append` has stored."""
        self._frames.append(seqs[0])
        self._seqs.extend(seqs)

    def write_acks(self, acked: dict[str, list[int]]) -> None:
        """Store which messages groups are done with; does not wait for a lock, as this can be done later."""
        rows = [(group, *found) for group, seqs in acked.items() for found in self._ranges(seqs)]
        writer = self._connect()
        writer.execute("PRAGMA busy_timeout=0")
        try:
            writer.execute("BEGIN IMMEDIATE")
            writer.executemany("INSERT INTO acked (reader, low, high) VALUES (?, ?, ?)", rows)
            writer.execute("COMMIT")
        except sqlite3.Error:
            writer.rollback()
            raise
        finally:
            writer.execute(f"PRAGMA busy_timeout={int(self._timeout * 1000)}")

    def frame_of(self, seq: int) -> int:
        """Return the first `seq` of the frame that holds a message."""
        return self._frames[bisect_right(self._frames, seq) - 1]

    def read(self, first: int) -> Frame:
        """Return the frame that begins with `first`; any thread may ask."""
        with self._reading:
            statement = "SELECT first, heads, packed, body FROM frame WHERE first = ?"
            row = self._reader_connection().execute(statement, (first,)).fetchone()
            return Frame(row[0], row[1], bool(row[2]), row[3])

    def bytes(self) -> int:
        """Return the size of the segment's files."""
        return _size(self._files[0]) + _size(self._files[1])

    def close_reader(self) -> None:
        """Close what `read` has opened."""
        with self._reading:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def close(self) -> None:
        """Close the files and leave their write-ahead log as it is; whoever needs them opens them again.

        SQLite moves the log when the last connection closes, unless that one may only read.
        """
        with self._reading:
            if self._writer is not None:
                with contextlib.suppress(sqlite3.Error):
                    self._reader_connection().execute("SELECT 1 FROM acked").fetchone()
                self._writer.close()
            if self._reader is not None:
                self._reader.close()
            self._writer = self._reader = None

    def remove(self) -> None:
        """Close and unlink the files."""
        self.close()
        for path in self._files:
            path.unlink(missing_ok=True)

    def _connect(self) -> sqlite3.Connection:
        if self._writer is None:
            self._writer = sqlite3.connect(
                self.path, timeout=self._timeout, isolation_level=None, check_same_thread=False
            )
            self._writer.executescript(
                "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-512"
            )
        return self._writer

    def _reader_connection(self) -> sqlite3.Connection:
        if self._reader is None:
            uri = f"{self.path.absolute().as_uri()}?mode=ro"
            self._reader = sqlite3.connect(
                uri, uri=True, timeout=self._timeout, isolation_level=None, check_same_thread=False
            )
        return self._reader

    def _ranges(self, seqs: Iterable[int]) -> list[Range]:
        """Return `seqs` as ranges of neighbours; neighbours are those between which this segment holds none."""
        ranges: list[Range] = []
        previous = -2
        for seq in sorted(seqs):
            place = bisect_left(self._seqs, seq)
            if place == previous + 1:
                ranges[-1] = (ranges[-1][0], seq)
            else:
                ranges.append((seq, seq))
            previous = place
        return ranges


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
