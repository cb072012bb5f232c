"""The heartbeats of the front door: the key of every one in memory, replaced as a whole when a monitor changed."""

import threading
from collections.abc import Callable, Mapping


class SnapshotPingRing:
    """Implements `intake.ports.PingRing` from `read`, which returns the project of each heartbeat by its key."""

    def __init__(self, read: Callable[[], Mapping[str, int]]) -> None:
        self._read = read
        self._keys: Mapping[str, int] = {}
        self._lock = threading.Lock()

    def find(self, key: str) -> int | None:
        """Return the project of a heartbeat (0 for none), None when there is no such heartbeat."""
        return self._keys.get(key)

    def refresh(self) -> None:
        """Read the keys anew; callers in several threads take turns, so an older snapshot never wins."""
        with self._lock:
            self._keys = self._read()
