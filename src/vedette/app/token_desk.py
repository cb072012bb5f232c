"""Who may push alerts with an API token: the database is asked off the event loop, and rarely."""

import asyncio

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Verb, require
from vedette.core import ids
from vedette.core.clock import Clock, monotonic

_LOOK_AGAIN = 0.5  # seconds; as long as a revoked token may still be obeyed
_MOST_KEPT = 1_000


class TokenDesk:
    """Implements `intake.ports.TokenDesk`; tokens that may push are remembered for half a second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, str]] = {}

    async def sender(self, token: str, address: str) -> str:
        """Return a name of the token that is not secret; raises `Unauthenticated` and `Forbidden`."""
        digest, tick = ids.hash_secret(token), monotonic()
        known = self._known.get(digest)
        if known is not None and tick - known[0] < _LOOK_AGAIN:
            return known[1]
        self._known.pop(digest, None)
        name = await asyncio.to_thread(self._look_up, token, address)
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[digest] = (tick, name)
        return name

    def _look_up(self, token: str, address: str) -> str:
        actor = accounts.token_actor(token, self._clock.now(), address)
        require(actor, Verb.ALERT_WRITE)
        return f"token {actor.token_id}"
