"""Telemetry: what was observed, by UTC day; append-only, dropped by the day."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

Identity = tuple[str, bytes, int]  # kind, id, project


class Record(msgspec.Struct, frozen=True):
    """One observation.

    `id` identifies it (16 bytes), `key` groups it (16 bytes, e.g. an event's grouping hash), `at` is the
    instant it was received (its UTC day decides the file), `seq` is the delivery that brought it.
    """

    kind: str
    id: bytes
    key: bytes
    project: int
    at: float
    seq: int
    body: bytes


class Span(msgspec.Struct, frozen=True):
    """A half-open range of instants: `start` <= at < `end`."""

    start: float
    end: float


class Page(msgspec.Struct, frozen=True):
    """A page of records and the cursor of the next one (None at the end)."""

    records: tuple[Record, ...]
    cursor: str | None


class Telemetry(Protocol):
    """Day-partitioned store of records. Every adapter passes `tests/contract/test_telemetry.py`."""

    def append(self, records: Sequence[Record]) -> Sequence[bool]:
        """Store records durably; for each, True when it is new **or** was stored by the same `seq` before.

        False marks a duplicate: the same (kind, id, project) arrived under another `seq` on the record's day,
        the day before or the day after. So a replayed delivery stays True and a client's repeat is False.
        """
        ...

    def get(
        self, kind: str, record_id: bytes, span: Span | None = None, project: int | None = None
    ) -> Record | None:
        """Return one record, searching only the days `span` touches, newest first; None when not there."""
        ...

    def find(self, kind: str, id_prefix: str, keys: Sequence[bytes], span: Span) -> Record | None:
        """Return the newest record of these keys whose id, as hex, starts with `id_prefix`."""
        ...

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
        """Return up to `n` records of these keys in order of (`at`, `seq`, id)."""
        ...

    def series(self, kind: str, keys: Sequence[bytes], span: Span, step: float) -> Sequence[int]:
        """Return counts in buckets of `step` seconds from `span.start` on."""
        ...

    def rollup(self, kind: str, day: str) -> Sequence[tuple[bytes, int, int]]:
        """Return (key, hour of the day 0..23, count) of a day, for keeping after the day is dropped."""
        ...

    def days(self) -> Sequence[str]:
        """Return the days that hold records, oldest first, as `YYYY-MM-DD`."""
        ...

    def drop_before(self, day: str) -> Sequence[str]:
        """Remove every day older than `day` and return the days removed."""
        ...

    def scan(self, day: str, n: int, cursor: str | None = None) -> Page:
        """Return up to `n` records of a day, of every kind and key, in the order they were stored.

        What is stored meanwhile comes after them; erasing some moves none of the others.
        """
        ...

    def erase(self, day: str, identities: Sequence[Identity]) -> int:
        """Remove records of a day and overwrite their bytes; return how many were there.

        Asked again it changes nothing. Copies of the bytes may remain in a log of writes until `settle`.
        """
        ...

    def settle(self, day: str) -> bool:
        """Let no byte of what was erased remain on disk; False when the day was in use: then ask again."""
        ...

    def close(self) -> None:
        """Release files."""
        ...
