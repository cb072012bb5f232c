"""Fetches what a location is to check: one poll after the other, each of which waits at the server for something new."""

from collections.abc import Callable
from urllib.parse import urlencode

from vedette.core.errors import Invalid, Unavailable
from vedette.monitors.locations.types import ORDERS, PATIENCE, Errands
from vedette.monitors.rounds.types import Errand, Orders
from vedette.plumbing.net.asking import Ask, Away, Pauses, asked

_DEADLINE = PATIENCE + 15.0


class Fetcher:
    """Lives on one thread. `order` hears what changes, `say` what a person has to know."""

    def __init__(
        self, ask: Ask, *, version: str, order: Callable[[Orders], None], say: Callable[[str], None]
    ) -> None:
        self._ask, self._version, self._order, self._say = ask, version, order, say
        self._pauses = Pauses()
        self._revision = self._named = self._away = ""
        self._known: set[int] = set()
        self._anew: set[int] | None = None  # what was named since a new beginning that is not complete yet
        self._count = 0

    def fetch(self) -> float:
        """Poll once, and return the seconds until the next; raises `Refused` when the server wants nothing of this location."""
        query = urlencode({"since": self._revision, "version": self._version})
        try:
            errands = asked(self._ask, ("GET", f"{ORDERS}?{query}", b"", _DEADLINE), Errands)
        except (Away, Unavailable, Invalid) as error:
            if str(error) != self._away:
                self._say(f"{error} It goes on with what it knows.")
            self._away = str(error)
            return self._pauses.next(error.retry_after if isinstance(error, Unavailable) else 0.0)
        self._pauses.worked()
        self._away = ""
        self._take(errands)
        return 0.0

    def _take(self, errands: Errands) -> None:
        put = {one.monitor: one for one in errands.put}
        gone = self._gone(set(put), errands)
        self._known = (self._known | set(put)) - gone
        self._revision = errands.revision
        if put or gone or errands.soon:
            made = (
                Errand(one.monitor, one.interval, one.request, one.kind, one.retry) for one in put.values()
            )
            self._order(Orders(put=tuple(made), drop=tuple(sorted(gone)), soon=errands.soon))
        if not errands.more and (len(self._known), errands.name) != (self._count, self._named):
            self._count, self._named = len(self._known), errands.name
            self._say(f"{errands.name} checks {_count(self._count)}.")

    def _gone(self, put: set[int], errands: Errands) -> set[int]:
        """Return what is checked no more: after a new beginning whatever none of its parts named, with the last of them."""
        if errands.whole:
            self._anew = set()
        gone = set(errands.drop)
        if self._anew is None:
            return gone
        self._anew = (self._anew | put) - gone
        if not errands.more:
            gone |= self._known - self._anew
            self._anew = None
        return gone


def _count(n: int) -> str:
    return "1 monitor" if n == 1 else f"{n:,} monitors"
