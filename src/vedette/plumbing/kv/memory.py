"""KV in memory: for tests and for trying things out."""

import threading
from collections.abc import Sequence

from vedette.core.clock import monotonic
from vedette.core.errors import Conflict
from vedette.plumbing.bus.port import Bus
from vedette.plumbing.kv.port import Entry


class MemoryKV:
    """Implements `plumbing.kv.port.KV`; removals stay as entries without a value, so that watchers see them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._entries: dict[str, Entry] = {}
        self._revision = 0
        self._changed = threading.Condition()

    def get(self, key: str) -> Entry | None:
        """Return the live entry of a key, or None."""
        entry = self._entries.get(key)
        return entry if entry is not None and entry.value is not None else None

    def put(self, key: str, value: bytes, expect: int | None = None) -> int:
        """Write and return the new revision; see the port."""
        with self._changed:
            live = self.get(key)
            found = live.revision if live else 0
            if expect is not None and expect != found:
                raise Conflict(f"{key} is at revision {found}, not {expect}; read it again.")
            return self._write(key, value)

    def delete(self, key: str) -> int:
        """Remove a key and return the revision of the removal."""
        with self._changed:
            return self._write(key, None)

    def watch(self, prefix: str, revision: int, wait: float = 0.0) -> Sequence[Entry]:
        """Return changes under `prefix` after `revision`; see the port."""
        end = monotonic() + wait
        with self._changed:
            while not (found := self._after(prefix, revision)) and (left := end - monotonic()) > 0:
                self._changed.wait(left)
            return found

    def notify(self, topic: str) -> None:
        """Wake whoever waits for `topic` on the bus."""
        self._bus.wake(topic)

    def _write(self, key: str, value: bytes | None) -> int:
        self._revision += 1
        self._entries[key] = Entry(key, value, self._revision)
        self._changed.notify_all()
        return self._revision

    def _after(self, prefix: str, revision: int) -> list[Entry]:
        found = [e for e in self._entries.values() if e.revision > revision and e.key.startswith(prefix)]
        return sorted(found, key=lambda entry: entry.revision)
