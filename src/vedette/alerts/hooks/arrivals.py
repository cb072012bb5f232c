"""What came to each hook lately: the last five bodies, in memory alone and so gone with the process.

They are looked at when a mapping is made or does not fit. They may hold anybody's data, so they never rest on disk.
"""

import threading
from collections import deque

from vedette.alerts.hooks.types import Arrival

KEPT = 5
LONGEST_BODY = 32 * 1024
TOO_LONG = b""  # in the place of a body that is longer than that


class Arrivals:
    """Remembers what came; every door and page of this process shares one. `most` bounds the names it knows."""

    def __init__(self, most: int = 200) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._of: dict[str, deque[Arrival]] = {}

    def came(self, hook: str, body: bytes, said: str, now: float) -> None:
        """Remember a body; the oldest but four is forgotten."""
        with self._lock:
            if hook not in self._of and len(self._of) >= self._most:
                self._of.pop(next(iter(self._of)))
            kept = body if len(body) <= LONGEST_BODY else TOO_LONG
            self._of.setdefault(hook, deque(maxlen=KEPT)).appendleft(Arrival(now, kept, said))

    def of(self, hook: str) -> tuple[Arrival, ...]:
        """Return what came to a hook, newest first."""
        with self._lock:
            return tuple(self._of.get(hook, ()))

    def forget(self, hook: str) -> None:
        """Forget what came to a hook."""
        with self._lock:
            self._of.pop(hook, None)


ARRIVALS = Arrivals()
