"""How many requests a project may still make: 3,600 an hour at most, one more every second."""

import math
from collections.abc import Mapping

import msgspec


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """What was left of the requests at an instant."""

    left: float
    at: float


def spend(had: Allowance, limit: int, now: float) -> tuple[Allowance, bool]:
    """Return what is left after one more request, and whether that one is allowed.

    The bucket fills with `limit` requests an hour (a leaky bucket as a meter).
    """
    left = min(float(limit), had.left + max(0.0, now - had.at) * limit / 3600)
    allowed = left >= 1
    return Allowance(left=left - 1 if allowed else left, at=max(now, had.at)), allowed


def headers(allowance: Allowance, limit: int, now: float) -> Mapping[str, str]:
    """Return the headers that tell a client where it stands; `RateLimit-Reset` is when all is there again (Unix time)."""
    full = now + (limit - allowance.left) * 3600 / limit
    return {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(int(allowance.left)),
        "RateLimit-Reset": str(math.ceil(full)),
    }
