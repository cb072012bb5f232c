"""Lease in memory: within one process, for tests and for trying things out."""

import threading


class MemoryLease:
    """Implements `plumbing.lease.port.Lease`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tokens: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def acquire(self, name: str, ttl: float, now: float) -> int | None:
        """Take the lease and return its fencing token, or None if it is held."""
        with self._lock:
            if self._until.get(name, float("-inf")) > now:
                return None
            self._tokens[name] = self._tokens.get(name, 0) + 1
            self._until[name] = now + ttl
            return self._tokens[name]

    def renew(self, name: str, token: int, ttl: float, now: float) -> bool:
        """Extend a lease this token still holds; False when it was lost."""
        with self._lock:
            if not self._holds(name, token) or self._until[name] <= now:
                return False
            self._until[name] = now + ttl
            return True

    def release(self, name: str, token: int) -> None:
        """Give the lease back, if this token still holds it."""
        with self._lock:
            if self._holds(name, token):
                del self._until[name]

    def _holds(self, name: str, token: int) -> bool:
        return name in self._until and self._tokens.get(name) == token
