"""When to try again, and when to give up. Pure: the instant and the chance are arguments."""

import msgspec

from vedette.core.clock import iso

FIRST_DELAY = 5.0
FACTOR = 2.0
LONGEST_DELAY = 3_600.0
MOST_TRIES = 20
GIVE_UP_AFTER = 86_400.0


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A failed try: the how-manieth it was (from 1), when the notice was queued, and what the receiver said."""

    tries: int
    queued_at: float
    permanent: bool
    retry_after: float | None = None


class Next(msgspec.Struct, frozen=True):
    """What follows: another try at `at`, or nothing more (None); and why."""

    at: float | None
    reason: str


def after(failure: Failure, now: float, spread: float = 1.0) -> Next:
    """Decide what follows a failed try.

    Waits double from 5 s up to an hour, each times `spread` (chance around 1, so that retries of many
    notices do not meet again); a longer wait the receiver asked for is honoured. Gives up on a permanent
    error, after 20 tries, and when the next try would come more than 24 h after the notice was queued.
    """
    if failure.permanent:
        return Next(None, "The receiver refused it for good.")
    if failure.tries >= MOST_TRIES:
        return Next(None, f"Given up after {failure.tries} tries.")
    wait = min(FIRST_DELAY * FACTOR ** (failure.tries - 1), LONGEST_DELAY) * spread
    at = now + max(wait, failure.retry_after or 0.0)
    if at > failure.queued_at + GIVE_UP_AFTER:
        return Next(None, "Given up: the next try would come more than 24 h after it was queued.")
    asked = failure.retry_after is not None and failure.retry_after > wait
    return Next(at, f"Next try at {iso(at)}{', as the receiver asked' if asked else ''}.")
