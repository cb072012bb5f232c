"""How often somebody may try a password or a code: by account and by address, exponentially.

Tries that failed make the next one wait, twice as long each time, up to a cap; nobody is locked out for ever. An
address from which an account signed in before is judged by what failed from there alone, so that strangers who guess
at an account cannot keep its owner out.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Scope(str, enum.Enum):
    """What tries are counted for: an account, an address, an account from an address."""

    ACCOUNT = "account"
    ADDRESS = "address"
    PAIR = "pair"


@dataclass(frozen=True)
class Limit:
    """`free` failures cost nothing; then waits begin at `first` seconds and double up to `most`; after `quiet` seconds all is forgotten."""

    free: int
    first: float
    most: float
    quiet: float


LIMITS: Mapping[Scope, Limit] = {
    Scope.ACCOUNT: Limit(free=8, first=5.0, most=300.0, quiet=3_600.0),
    Scope.ADDRESS: Limit(free=20, first=5.0, most=900.0, quiet=3_600.0),
    Scope.PAIR: Limit(free=5, first=2.0, most=300.0, quiet=1_800.0),
}


@dataclass(frozen=True)
class Tries:
    """What failed so far under one key; `last_at` is the instant of the last failure, `before` that of the one before it."""

    failures: int = 0
    last_at: float = 0.0
    before: float = 0.0


@dataclass(frozen=True)
class Admission:
    """Whether a try may be made now; `wait` is in seconds."""

    allowed: bool
    wait: float
    reason: str


def admit(tries: Tries, limit: Limit, now: float) -> Admission:
    """Decide whether one more try may be made under a key. A clock that went back makes nobody wait longer than the pause."""
    if tries.failures < limit.free or now - tries.last_at >= limit.quiet:
        return Admission(True, 0.0, "Few tries failed lately.")
    pause = pause_after(tries.failures, limit)
    wait = min(pause, tries.last_at + pause - now)
    if wait <= 0:
        return Admission(True, 0.0, f"The pause of {pause:g} s is over.")
    return Admission(False, wait, f"{tries.failures} tries failed lately; wait {wait:.0f} s.")


def pause_after(failures: int, limit: Limit) -> float:
    """Return the seconds to wait after so many failures."""
    beyond = failures - limit.free
    return min(limit.most, limit.first * 2.0 ** min(30, beyond)) if beyond >= 0 else 0.0


def taken_back(tries: Tries) -> Tries:
    """Return what is remembered when the try that was begun was no failure: neither that nor the pause which it began.

    A pause that others began goes on: whoever signs in from an address opens it to nobody who guesses there.
    """
    return Tries(max(0, tries.failures - 1), tries.before, tries.before)


def failed(tries: Tries, limit: Limit, now: float) -> Tries:
    """Return what is remembered after one more failure."""
    forgotten = now - tries.last_at >= limit.quiet
    return Tries(1 if forgotten else tries.failures + 1, now, tries.last_at)


def scopes(known: bool) -> tuple[Scope, ...]:
    """Return what a try is judged by. `known`: this account signed in from this address before."""
    return (Scope.PAIR,) if known else (Scope.PAIR, Scope.ACCOUNT, Scope.ADDRESS)
