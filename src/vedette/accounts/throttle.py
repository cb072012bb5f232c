"""How often somebody may try: passwords and codes by account and address, API requests by token.

Tries that failed make the next one wait, twice as long each time, up to a cap; nobody is locked out for ever. An
address from which an account signed in before is judged by what failed from there alone, so that strangers who
guess at an account cannot keep its owner out.
"""

import enum

import msgspec


class Scope(enum.StrEnum):
    """What tries are counted for."""

    ACCOUNT = "account"
    ADDRESS = "address"
    PAIR = "pair"


class Limit(msgspec.Struct, frozen=True):
    """`free` failures cost nothing; then waits begin at `first` seconds and double up to `most`; after `quiet` seconds all is forgotten."""

    free: int
    first: float
    most: float
    quiet: float


LIMITS: dict[Scope, Limit] = {
    Scope.ACCOUNT: Limit(free=8, first=5.0, most=300.0, quiet=3_600.0),
    Scope.ADDRESS: Limit(free=20, first=5.0, most=900.0, quiet=3_600.0),
    Scope.PAIR: Limit(free=5, first=2.0, most=300.0, quiet=1_800.0),
}


class Tries(msgspec.Struct, frozen=True):
    """What failed so far under one key; `last_at` is the instant of the last failure."""

    failures: int = 0
    last_at: float = 0.0


class Admission(msgspec.Struct, frozen=True):
    """Whether a try may be made now; `wait` is in seconds."""

    allowed: bool
    wait: float
    reason: str


def admit(tries: Tries, scope: Scope, now: float) -> Admission:
    """Decide whether one more try may be made under a key."""
    limit = LIMITS[scope]
    if tries.failures < limit.free or now - tries.last_at >= limit.quiet:
        return Admission(True, 0.0, "Few tries failed lately.")
    pause = min(limit.most, limit.first * 2.0 ** min(30, tries.failures - limit.free))
    wait = min(pause, tries.last_at + pause - now)
    if wait <= 0:
        return Admission(True, 0.0, f"The pause of {pause:g} s is over.")
    return Admission(False, wait, f"{tries.failures} tries failed for this {scope}; wait {wait:.0f} s.")


def failed(tries: Tries, scope: Scope, now: float) -> Tries:
    """Return what is remembered after one more failure."""
    forgotten = now - tries.last_at >= LIMITS[scope].quiet
    return Tries(1 if forgotten else tries.failures + 1, now)


def judge(known: bool, found: dict[Scope, Tries], now: float) -> Admission:
    """Decide about a try to sign in. `known`: this account signed in from this address before."""
    scopes = [Scope.PAIR] if known else [Scope.PAIR, Scope.ACCOUNT, Scope.ADDRESS]
    answers = [admit(found.get(scope, Tries()), scope, now) for scope in scopes]
    return max(answers, key=lambda answer: answer.wait)


class Bucket(msgspec.Struct, frozen=True):
    """The state of a request limit: the theoretical instant at which it would be empty again."""

    empty_at: float = 0.0


def spend(bucket: Bucket, now: float, per_minute: int) -> tuple[Admission, Bucket]:
    """Take one request out of a bucket that holds `per_minute` and refills evenly (GCRA, ITU-T I.371)."""
    step = 60.0 / per_minute
    empty_at = max(bucket.empty_at, now) + step
    if empty_at - now > 60.0 + step / 2:
        wait = empty_at - now - 60.0
        return Admission(False, wait, f"More than {per_minute} requests a minute; wait {wait:.1f} s."), bucket
    return Admission(True, 0.0, "Within the limit."), Bucket(empty_at)
