"""When Hetzner is asked, and asked again: its budget is 3,600 requests an hour, one more each second (docs.hetzner.cloud, "Rate limiting").

Pure. Instants are the server's own (its `Date`), so that a clock that is wrong here changes nothing.
"""

import email.utils
from collections.abc import Mapping

TRIES = 6
RESERVE = 25  # requests left for others that use the same project
_ONE_MORE_IN = 1.0  # seconds until the budget has one request more
_SHARE = 0.25  # of the budget, for looks that go on and on
_LONGEST = 60.0
_AGAIN = frozenset({"conflict", "locked", "rate_limit_exceeded", "resource_unavailable_temporarily"})
_BROKEN = frozenset({500, 502, 503, 504})


def before(remaining: int | None) -> float:
    """Return the seconds to wait before a request when so many are left (None: nobody told)."""
    return _ONE_MORE_IN if remaining is not None and remaining <= RESERVE else 0.0


def every(requests: int, wanted: float) -> float:
    """Return the seconds between two looks of so many requests each: as wanted, and never more than a quarter of the budget."""
    return max(wanted, requests * _ONE_MORE_IN / _SHARE)


def left(headers: Mapping[str, str]) -> int | None:
    """Return how many requests an answer leaves us; None where it does not say."""
    said = headers.get("ratelimit-remaining", "")
    return int(said) if said.isascii() and said.isdigit() else None


def reset_in(headers: Mapping[str, str]) -> float:
    """Return in how many seconds there is budget again, by the server's own clock; 0 where it does not say."""
    said, date = headers.get("ratelimit-reset", ""), headers.get("date", "")
    if not (said.isascii() and said.isdigit() and date):
        return 0.0
    try:
        moment = email.utils.parsedate_to_datetime(date).timestamp()
    except ValueError:
        return 0.0
    return max(0.0, int(said) - moment)


def again(code: str, status: int, method: str, tries: int, after: float) -> float | None:
    """Return the seconds after which to ask again, or None when asking again helps nothing or may do it twice.

    `status` is 0 where nobody answered. What was refused as locked, in conflict or too often was not done: it may be
    asked again. After a broken answer only what changes nothing, or the same however often, is.
    """
    if tries >= TRIES:
        return None
    if code in _AGAIN or status in {423, 429}:
        return min(_LONGEST, max(after, 2.0 ** (tries - 1)))
    if (status in _BROKEN or status == 0) and method != "POST":
        return min(_LONGEST, 2.0 ** (tries - 1))
    return None
