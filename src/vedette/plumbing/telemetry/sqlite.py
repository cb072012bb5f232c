"""Telemetry in one SQLite file for each UTC day under one folder."""

import contextlib
import heapq
import itertools
import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from vedette.core import clock
from vedette.core.errors import Unavailable
from vedette.plumbing import faults
from vedette.plumbing.telemetry import bodies, dayfile, days
from vedette.plumbing.telemetry.dayfile import Reader, Row
from vedette.plumbing.telemetry.port import Identity, Page, Record, Span
from vedette.plumbing.telemetry.readers import Readers

_DAY = re.compile(r"\d{4}-\d\d-\d\d\.db")
_WRITTEN_DAYS = 2
Known = dict[tuple[str, Identity], int]


class SqliteTelemetry:
    """Implements `plumbing.telemetry.port.Telemetry`, durable at `synchronous=FULL`.

    `read_seconds` bounds one statement of a reader, so that none keeps the write-ahead log from being moved;
    `readers` bounds the idle reading connections.
    """

    def __init__(self, folder: Path, *, read_seconds: float = 5.0, readers: int = 16) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._readers = Readers(readers, read_seconds)
        self._writing = threading.Lock()
        self._writers: dict[str, sqlite3.Connection] = {}

    def append(self, records: Sequence[Record]) -> Sequence[bool]:
        """Store records; see the port."""
        with self._writing, _guarded():
            known = self._known(records)
            verdicts, fresh = _sort_out(records, known)
            packed = bodies.pack([record.body for _, record in fresh])
            rows: dict[str, list[Row]] = {}
            for (day, r), body in zip(fresh, packed, strict=True):
                rows.setdefault(day, []).append((r.kind, r.id, r.key, r.project, r.at, r.seq, body))
            for day in sorted(rows):
                dayfile.insert(self._writer(day), rows[day])
            return verdicts

    def get(
        self, kind: str, record_id: bytes, span: Span | None = None, project: int | None = None
    ) -> Record | None:
        """Return one record; see the port."""
        with _guarded():
            rows = (reader.get(kind, record_id, project, span) for reader in self._each(span))
            return next((_record(row) for row in rows if row), None)

    def find(self, kind: str, id_prefix: str, keys: Sequence[bytes], span: Span) -> Record | None:
        """Return the newest record of these keys whose id starts so."""
        ids = days.id_range(id_prefix)
        if ids is None:
            return None
        with _guarded():
            rows = (reader.find(kind, ids, keys, span) for reader in self._each(span))
            return next((_record(row) for row in rows if row), None)

    def list(
        self,
        kind: str,
        keys: Sequence[bytes],
        span: Span,
        n: int,
        cursor: str | None = None,
        *,
        newest_first: bool = True,
    ) -> Page:
        """Return a page of records; see the port."""
        after = days.from_cursor(cursor) if cursor is not None else None
        span = days.rest(span, after, newest_first=newest_first)
        found: list[Row] = []
        with _guarded():
            for reader in self._each(span, newest_first=newest_first):
                left = n + 1 - len(found)
                several = [
                    reader.page(kind, key, span, left, after, newest_first=newest_first) for key in set(keys)
                ]
                found += itertools.islice(heapq.merge(*several, key=_place, reverse=newest_first), left)
                if len(found) > n:
                    break
        page = tuple(_record(row) for row in found[:n])
        return Page(page, days.to_cursor(page[-1]) if len(found) > n > 0 else None)

    def series(self, kind: str, keys: Sequence[bytes], span: Span, step: float) -> Sequence[int]:
        """Return counts in buckets of `step` seconds."""
        counts = [0] * days.buckets(span, step)
        with _guarded():
            for reader in self._each(span):
                several = [reader.series(kind, key, span, step) for key in set(keys)]
                for bucket, count in itertools.chain(*several):
                    counts[min(bucket, len(counts) - 1)] += count
        return counts

    def rollup(self, kind: str, day: str) -> Sequence[tuple[bytes, int, int]]:
        """Return (key, hour, count) of a day."""
        with _guarded(), self._reader(day) as reader:
            return reader.rollup(kind, clock.day_start(day)) if reader else []

    def days(self) -> Sequence[str]:
        """Return the days that hold records, oldest first."""
        return sorted(path.stem for path in self._folder.glob("*.db") if _DAY.fullmatch(path.name))

    def drop_before(self, day: str) -> Sequence[str]:
        """Remove every day older than `day`: its files are unlinked, which frees their disk at once."""
        with self._writing:
            old = [name for name in self.days() if name < day]
            for name in old:
                self._drop(name)
            return old

    def scan(self, day: str, n: int, cursor: str | None = None) -> Page:
        """Return records of a day in the order they were stored; see the port."""
        after = days.from_count(cursor)
        with _guarded(), self._reader(day) as reader:
            found = reader.scan(after, n + 1) if reader else []
        page = found[:n]
        return Page(tuple(_record(row) for _, row in page), str(page[-1][0]) if len(found) > n > 0 else None)

    def erase(self, day: str, identities: Sequence[Identity]) -> int:
        """Remove records of a day and overwrite their bytes; see the port."""
        with self._writing, _guarded():
            return dayfile.erase(self._writer(day), identities) if self._path(day).exists() else 0

    def settle(self, day: str) -> bool:
        """Let no byte of what was erased remain on disk; see the port."""
        with self._writing, _guarded():
            return not self._path(day).exists() or dayfile.settle(self._writer(day))

    def wal_bytes(self) -> int:
        """Return the size of all write-ahead logs, for `/metrics`."""
        return sum(path.stat().st_size for path in self._folder.glob("*.db-wal"))

    def close(self) -> None:
        """Release files."""
        with self._writing:
            self._readers.forget()
            for day in list(self._writers):
                self._writers.pop(day).close()

    def _path(self, day: str) -> Path:
        return self._folder / f"{day}.db"

    def _writer(self, day: str) -> sqlite3.Connection:
        if day not in self._writers:
            while len(self._writers) >= _WRITTEN_DAYS:
                dayfile.retire(self._writers.pop(min(self._writers)))
            self._writers[day] = dayfile.create(self._path(day))
        return self._writers[day]

    @contextlib.contextmanager
    def _reader(self, day: str) -> Iterator[Reader | None]:
        """Lend a reader of a day; None when the day is not begun, or no more there."""
        path = self._path(day)
        if not path.exists():
            yield None
            return
        with self._readers.lend(path) as reader:
            yield reader if reader.begun() else None

    def _each(self, span: Span | None, *, newest_first: bool = True) -> Iterator[Reader]:
        """Lend a reader of each day that a span touches, one after the other."""
        for day in days.touched(self.days(), span, newest_first=newest_first):
            with self._reader(day) as reader:
                if reader is not None:
                    yield reader

    def _known(self, records: Sequence[Record]) -> Known:
        """Return the `seq` under which these identities are stored, by day, on their days and the neighbours."""
        wanted: dict[str, list[Identity]] = {}
        for record in records:
            day = days.day_of(record.at)
            for other in days.near(day):
                wanted.setdefault(other, []).append((record.kind, record.id, record.project))
        known: Known = {}
        for day, identities in wanted.items():
            with self._reader(day) as reader:
                rows = reader.known(identities) if reader else []
            known.update(((day, (kind, record_id, project)), seq) for kind, record_id, project, seq in rows)
        return known

    def _drop(self, day: str) -> None:
        self._readers.forget(self._path(day))
        if day in self._writers:
            self._writers.pop(day).close()
        for end in ("", "-wal", "-shm"):
            self._path(day).with_name(f"{day}.db{end}").unlink(missing_ok=True)


def _sort_out(records: Sequence[Record], known: Known) -> tuple[list[bool], list[tuple[str, Record]]]:
    """Return the verdict on each record, and those to store with their days; `known` grows by them."""
    verdicts: list[bool] = []
    fresh: list[tuple[str, Record]] = []
    for record in records:
        day = days.day_of(record.at)
        identity = (record.kind, record.id, record.project)
        found = (known.get((other, identity)) for other in days.near(day))
        seq = next((known_seq for known_seq in found if known_seq is not None), None)
        if seq is None:
            known[day, identity] = record.seq
            fresh.append((day, record))
        verdicts.append(seq in {None, record.seq})
    return verdicts, fresh


def _record(row: Row) -> Record:
    return Record(*row[:6], bodies.unpack(row[6]))


def _place(row: Row) -> days.Place:
    return (row[4], row[5], row[1])


@contextlib.contextmanager
def _guarded() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        told = faults.unavailable(error, "The event store")
        raise told or Unavailable(f"The event store cannot be used: {error}.", 30.0) from error
