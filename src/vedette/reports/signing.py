"""The links by which a reader leaves: only this installation can write them."""

import hmac

from vedette.plumbing.ports import ports
from vedette.reports.types import Period

_MARK = 40  # hex digits: 160 bits
_LONGEST = 80


def token(user: int, period: Period) -> str:
    """Return the token of the link that ends a person's digests of a period."""
    return f"{user}.{period}.{_mark(f'{user}.{period}')}"


def read(token: str) -> tuple[int, Period] | None:
    """Return whose digests of which period a token ends; None when it is not one we wrote."""
    named, _, mark = token.rpartition(".")
    user, _, period = named.partition(".")
    if len(token) > _LONGEST or period not in set(Period) or not (user.isascii() and user.isdecimal()):
        return None
    return (int(user), Period(period)) if hmac.compare_digest(mark.encode(), _mark(named).encode()) else None


def _mark(text: str) -> str:
    return ports().seal.mark(text, "reports.leave")[:_MARK]
