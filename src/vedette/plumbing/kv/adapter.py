"""KV in core.db: writes join the caller's transaction, watches see what other processes commit."""

import threading
from collections.abc import Sequence

from vedette.core.clock import monotonic
from vedette.core.errors import Conflict
from vedette.plumbing.bus.port import Bus
from vedette.plumbing.db import sql
from vedette.plumbing.db.changes import Changes
from vedette.plumbing.kv.port import Entry

_TOPIC = "kv"
_POLL = 0.1


class DatabaseKV:
    """Implements `plumbing.kv.port.KV` on the table `plumbing_kv`.

    `watch` asks `PRAGMA data_version` every 100 ms for commits of other processes; commits of this one wake it
    at once through the bus.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._own = threading.local()

    def get(self, key: str) -> Entry | None:
        """Return the live entry of a key, or None."""
        return sql.row(
            Entry, "SELECT key, value, revision FROM plumbing_kv WHERE key = %s AND value IS NOT NULL", [key]
        )

    def put(self, key: str, value: bytes, expect: int | None = None) -> int:
        """Write and return the new revision; see the port."""
        with sql.transaction():
            if expect is not None:
                self._check(key, expect)
            return self._write(key, value)

    def delete(self, key: str) -> int:
        """Remove a key and return the revision of the removal."""
        with sql.transaction():
            return self._write(key, None)

    def watch(self, prefix: str, revision: int, wait: float = 0.0) -> Sequence[Entry]:
        """Return changes under `prefix` after `revision`; see the port."""
        end = monotonic() + wait
        changes = self._changes() if wait > 0 else None
        while True:
            seen = self._bus.seen(_TOPIC)
            if changes is not None:
                changes.poll()
            found = self._after(prefix, revision)
            if found or changes is None or monotonic() >= end:
                return found
            self._sleep(changes, seen, end)

    def notify(self, topic: str) -> None:
        """Wake whoever waits for `topic` on the bus."""
        self._bus.wake(topic)

    def _check(self, key: str, expect: int) -> None:
        live = self.get(key)
        found = live.revision if live else 0
        if found != expect:
            raise Conflict(f"{key} is at revision {found}, not {expect}; read it again.")

    def _write(self, key: str, value: bytes | None) -> int:
        (revision,) = sql.rows(
            int,
            "INSERT INTO plumbing_kv (key, value, revision)"
            " VALUES (%s, %s, (SELECT coalesce(max(revision), 0) + 1 FROM plumbing_kv))"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value, revision = excluded.revision"
            " RETURNING revision",
            [key, value],
        )
        sql.on_commit(lambda: self._bus.wake(_TOPIC))
        return revision

    def _after(self, prefix: str, revision: int) -> list[Entry]:
        return sql.rows(
            Entry,
            "SELECT key, value, revision FROM plumbing_kv"
            " WHERE revision > %s AND substr(key, 1, length(%s)) = %s ORDER BY revision",
            [revision, prefix, prefix],
        )

    def _sleep(self, changes: Changes, seen: int, end: float) -> None:
        """Return once something was committed anywhere, or time is up."""
        while (left := end - monotonic()) > 0:
            if self._bus.wait(_TOPIC, seen, min(_POLL, left)) > seen or changes.poll():
                return

    def _changes(self) -> Changes:
        if not hasattr(self._own, "changes"):
            self._own.changes = Changes()
        return self._own.changes  # type: ignore[no-any-return]
