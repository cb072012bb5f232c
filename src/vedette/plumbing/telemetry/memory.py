"""Telemetry in memory: for tests and for trying things out."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence

from vedette.core import clock
from vedette.plumbing.telemetry import days
from vedette.plumbing.telemetry.port import Identity, Page, Record, Span


class MemoryTelemetry:
    """Implements `plumbing.telemetry.port.Telemetry`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._days: dict[str, dict[Identity, Record]] = {}
        self._places: dict[tuple[str, Identity], int] = {}
        self._stored = 0

    def append(self, records: Sequence[Record]) -> Sequence[bool]:
        """Store records; see the port."""
        with self._lock:
            return [self._append(record) for record in records]

    def get(
        self, kind: str, record_id: bytes, span: Span | None = None, project: int | None = None
    ) -> Record | None:
        """Return one record; see the port."""
        for day in days.touched(self.days(), span):
            for record in list(self._days.get(day, {}).values()):
                fits = span is None or span.start <= record.at < span.end
                if (
                    fits
                    and (record.kind, record.id) == (kind, record_id)
                    and project in {None, record.project}
                ):
                    return record
        return None

    def find(self, kind: str, id_prefix: str, keys: Sequence[bytes], span: Span) -> Record | None:
        """Return the newest record of these keys whose id starts so."""
        found = (r for r in self._matching(kind, keys, span) if r.id.hex().startswith(id_prefix))
        return max(found, key=days.place, default=None)

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
        records = sorted(self._matching(kind, keys, span), key=days.place, reverse=newest_first)
        if cursor is not None:
            after = days.from_cursor(cursor)
            records = [
                r for r in records if (days.place(r) < after if newest_first else days.place(r) > after)
            ]
        page = tuple(records[:n])
        return Page(page, days.to_cursor(page[-1]) if len(records) > n > 0 else None)

    def series(self, kind: str, keys: Sequence[bytes], span: Span, step: float) -> Sequence[int]:
        """Return counts in buckets of `step` seconds."""
        counts = [0] * days.buckets(span, step)
        for record in self._matching(kind, keys, span):
            counts[min(int((record.at - span.start) / step), len(counts) - 1)] += 1
        return counts

    def rollup(self, kind: str, day: str) -> Sequence[tuple[bytes, int, int]]:
        """Return (key, hour, count) of a day."""
        start = clock.day_start(day)
        records = self._days.get(day, {}).values()
        counts = Counter((r.key, int((r.at - start) / 3600)) for r in records if r.kind == kind)
        return [(key, hour, n) for (key, hour), n in sorted(counts.items())]

    def days(self) -> Sequence[str]:
        """Return the days that hold records, oldest first."""
        with self._lock:
            return sorted(self._days)

    def drop_before(self, day: str) -> Sequence[str]:
        """Remove every day older than `day`."""
        with self._lock:
            old = sorted(name for name in self._days if name < day)
            for name in old:
                del self._days[name]
            return old

    def scan(self, day: str, n: int, cursor: str | None = None) -> Page:
        """Return records of a day in the order they were stored; see the port."""
        after = days.from_count(cursor)
        with self._lock:
            kept = [(self._places[day, one], record) for one, record in self._days.get(day, {}).items()]
        found = [(place, record) for place, record in kept if place > after]
        page = found[:n]
        return Page(tuple(record for _, record in page), str(page[-1][0]) if len(found) > n > 0 else None)

    def erase(self, day: str, identities: Sequence[Identity]) -> int:
        """Remove records of a day."""
        with self._lock:
            kept = self._days.get(day, {})
            return sum(kept.pop(one, None) is not None for one in identities)

    def settle(self, day: str) -> bool:  # noqa: ARG002 - the port's
        """Nothing is on a disk."""
        return True

    def close(self) -> None:
        """Nothing to release."""

    def _append(self, record: Record) -> bool:
        day = days.day_of(record.at)
        identity = (record.kind, record.id, record.project)
        for other in days.near(day):
            known = self._days.get(other, {}).get(identity)
            if known is not None:
                return known.seq == record.seq
        self._days.setdefault(day, {})[identity] = record
        self._stored += 1
        self._places[day, identity] = self._stored
        return True

    def _matching(self, kind: str, keys: Sequence[bytes], span: Span) -> Iterator[Record]:
        wanted = set(keys)
        with self._lock:
            records = [record for day in self._days.values() for record in day.values()]
        return (r for r in records if r.kind == kind and r.key in wanted and span.start <= r.at < span.end)
