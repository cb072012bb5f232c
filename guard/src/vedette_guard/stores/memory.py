"""Rows in the memory of one process, for tests and for applications that are one process."""

from __future__ import annotations

import dataclasses
import math
import threading

from vedette_guard.stores.port import Stored

MOST = 100_000


class MemoryStore:
    """Implements `Store`. Of the rows that end at some time it keeps `most`: nobody's go first, the oldest first.

    Rows that never end (second factors) are never dropped.
    """

    waits = False

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._rows: dict[str, Stored] = {}
        self._ending: dict[bool, dict[str, None]] = {False: {}, True: {}}  # by "has an owner", oldest first
        self._owners: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def read(self, key: str, now: float) -> Stored | None:
        """Return a row; None when there is none."""
        with self._lock:
            return self._living(key, now)

    def insert(self, key: str, row: Stored, now: float) -> bool:
        """Write a row that is new, as revision 1; False when there is one."""
        with self._lock:
            if self._living(key, now) is not None:
                return False
            self._put(key, dataclasses.replace(row, revision=1))
            self._shrink()
            return True

    def replace(self, key: str, row: Stored, revision: int, now: float) -> bool:
        """Write over the row that still has this revision; False when it was written or deleted meanwhile."""
        with self._lock:
            before = self._living(key, now)
            if before is None or before.revision != revision:
                return False
            self._put(key, dataclasses.replace(row, revision=revision + 1))
            return True

    def delete(self, key: str) -> bool:
        """Delete a row; False when there was none."""
        with self._lock:
            return self._drop(key)

    def of_owner(self, owner: str, now: float) -> list[tuple[str, Stored]]:
        """Return all rows of an owner, with their keys."""
        with self._lock:
            keys = sorted(self._owners.get(owner, ())) if owner else []
            pairs = ((key, self._living(key, now)) for key in keys)
            return [(key, row) for key, row in pairs if row is not None]

    def __len__(self) -> int:
        return len(self._rows)

    def _living(self, key: str, now: float) -> Stored | None:
        row = self._rows.get(key)
        if row is not None and row.ends_at <= now:
            self._drop(key)
            return None
        return row

    def _put(self, key: str, row: Stored) -> None:
        self._drop(key)
        self._rows[key] = row
        if row.ends_at < math.inf:
            self._ending[bool(row.owner)][key] = None
        if row.owner:
            self._owners.setdefault(row.owner, set()).add(key)

    def _drop(self, key: str) -> bool:
        row = self._rows.pop(key, None)
        if row is None:
            return False
        self._ending[bool(row.owner)].pop(key, None)
        keys = self._owners.get(row.owner)
        if keys is not None:
            keys.discard(key)
            if not keys:
                del self._owners[row.owner]
        return True

    def _shrink(self) -> None:
        nobodys, owned = self._ending[False], self._ending[True]
        while len(nobodys) + len(owned) > self._most:
            self._drop(next(iter(nobodys or owned)))
