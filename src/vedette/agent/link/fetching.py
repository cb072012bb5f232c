"""Fetches what a host is told: one poll after the other, each of which waits at the server for something new."""

from collections.abc import Callable
from urllib.parse import urlencode

import msgspec

from vedette.agent.link.identity import Identity
from vedette.agent.link.speaking import Speaker
from vedette.core.errors import ConfigError, Invalid, Unavailable
from vedette.plumbing.net.asking import Away, Pauses, asked
from vedette.wire.agent import enrolling
from vedette.wire.agent.batches import ORDERS, PATIENCE, ROTATE
from vedette.wire.agent.enrolling import Rotated, Rotating
from vedette.wire.agent.types import Orders

_DEADLINE, _SHORT = PATIENCE + 15.0, 30.0


class Fetcher:
    """Lives on one thread. `order` hears what changes, `say` what a person has to know."""

    def __init__(
        self, speaker: Speaker, identity: Identity, *, version: str, order: Callable[[Orders], None], say: Callable[[str], None]
    ) -> None:  # fmt: skip
        self._speaker, self._identity, self._version = speaker, identity, version
        self._order, self._say = order, say
        self._pauses = Pauses()
        self._revision = self._away = ""
        self._rotating = False

    def fetch(self) -> float:
        """Poll once, and return the seconds until the next; raises `Refused` when the server wants nothing of this host."""
        query = urlencode({"since": self._revision, "version": self._version})
        try:
            if self._rotating:
                self._rotate()
            orders = asked(self._speaker, ("GET", f"{ORDERS}?{query}", b"", _DEADLINE), Orders)
        except (Away, Unavailable, Invalid, ConfigError) as error:
            if str(error) != self._away:
                self._say(f"{error} It goes on with what it knows.")
            self._away = str(error)
            return self._pauses.next(error.retry_after if isinstance(error, Unavailable) else 0.0)
        self._pauses.worked()
        self._away = ""
        self._take(orders)
        return 0.0

    def _take(self, orders: Orders) -> None:
        if orders.revision == self._revision:
            return  # nothing new came while it waited
        self._order(_by_our_clock(orders, self._speaker.ahead))
        self._revision, self._rotating = (
            orders.revision,
            orders.rotate,
        )  # what could not be applied comes again

    def _rotate(self) -> None:
        """Tell the server a new key, which the old one signs for, and use it from then on."""
        old, new = self._speaker.key, self._identity.next_key()
        proof = enrolling.text_of(new.sign(enrolling.rotation(old.fingerprint, new.public)))
        body = msgspec.json.encode(Rotating(key=enrolling.text_of(new.public), proof=proof))
        asked(self._speaker, ("POST", ROTATE, body, _SHORT), Rotated)
        self._identity.turn()
        self._speaker.key = self._identity.key
        self._rotating = False
        self._say(f"This host has a new key, {new.fingerprint}.")


def _by_our_clock(orders: Orders, ahead: float) -> Orders:
    """Return orders whose decisions are by the clock of this host; the server's is `ahead` of it."""
    if not ahead:
        return orders
    replace = msgspec.structs.replace
    put = tuple(replace(one, at=one.at - ahead, until=one.until - ahead) for one in orders.put)
    return replace(orders, put=put)
