"""Lease: at most one holder of a name at a time."""

from typing import Protocol


class Lease(Protocol):
    """Leases with fencing tokens. Every adapter passes `tests/contract/test_lease.py`."""

    def acquire(self, name: str, ttl: float, now: float) -> int | None:
        """Take the lease for `ttl` seconds and return its fencing token (always growing), or None if held."""
        ...

    def renew(self, name: str, token: int, ttl: float, now: float) -> bool:
        """Extend a lease this token still holds; False when it was lost."""
        ...

    def release(self, name: str, token: int) -> None:
        """Give the lease back, if this token still holds it."""
        ...
