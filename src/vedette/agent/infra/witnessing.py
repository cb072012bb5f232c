"""What this host tells of itself for intents, and the connections that they want tried from here: politely, every quarter of an hour.

Nothing is sent through a connection. How many, how often and whether at all is bounded here, whatever the server orders.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence

from vedette.agent.config import Config
from vedette.agent.rounds import Voices
from vedette.core.clock import monotonic
from vedette.core.errors import VedetteError
from vedette.instruments.logs.sources.types import Standing
from vedette.wire.hardened import EVERY, LEAST_EVERY, MOST_LOOKS, InfraOrders, Witnessed
from vedette.wire.infra import Told
from vedette.wire.witness import Look, Looks, Sight, Witness

Tells = Callable[[float], Told]
Tries = Callable[[Sequence[Look]], tuple[Sight, ...]]


class Witnessing:
    """Implements `ports.Follows`. `order` may be called by any thread; `tells` and `tries` are used by the one that runs."""

    def __init__(
        self, config: Config, voices: Voices, *, tells: Tells | None = None, tries: Tries | None = None
    ) -> None:
        self._config = config
        self._reports, self._clock, self._say = voices
        self._tells, self._tries = tells or _told, tries or self._tried
        self._looks, self._every = Looks(spot=""), EVERY
        self._woken, self._stopping, self._known = threading.Event(), threading.Event(), False
        self._trying: tuple[asyncio.AbstractEventLoop, asyncio.Task[tuple[Sight, ...]]] | None = None

    def order(self, orders: InfraOrders | None) -> None:
        """Take what is to be tried; None: as before. What is new is tried as soon as manners let."""
        if orders is None:
            return
        every = max(LEAST_EVERY, orders.every)
        looks = Looks(spot=orders.looks.spot, looks=orders.looks.looks[:MOST_LOOKS])
        if not self._known or (looks, every) != (self._looks, self._every):
            self._looks, self._every, self._known = looks, every, True
            self._woken.set()

    def run(self) -> None:
        """Look until `stop`, from the server's first word on."""
        last = -LEAST_EVERY
        while not self._stopping.is_set():
            self._woken.wait(self._every if self._known else None)
            self._woken.clear()
            if self._stopping.wait(max(0.0, last + LEAST_EVERY - monotonic())):
                return
            last = monotonic()
            self._look()

    def stop(self) -> None:
        """End `run` soon, and what is being tried."""
        self._stopping.set()
        self._woken.set()
        trying = self._trying
        if trying is not None:
            trying[0].call_soon_threadsafe(trying[1].cancel)

    def standings(self) -> Sequence[Standing]:
        """Return nothing: it follows no lines."""
        return ()

    def _look(self) -> None:
        looks = self._looks
        try:
            sights = self._tries(looks.looks) if looks.looks and self._config.infra.connections else ()
            told = self._tells(self._clock.now())
        except asyncio.CancelledError:
            return
        except VedetteError as error:
            self._say(f"What this host sees of others is not told: {error}")
            return
        now = self._clock.now()
        self._reports.report(
            [Witnessed(at=now, witness=Witness(spot=looks.spot, at=now, sights=sights, told=told))]
        )

    def _tried(self, looks: Sequence[Look]) -> tuple[Sight, ...]:
        from vedette.instruments.witness.looking import looked

        async def trying() -> tuple[Sight, ...]:
            task = asyncio.ensure_future(looked(looks))
            self._trying = asyncio.get_running_loop(), task
            try:
                return await task
            finally:
                self._trying = None

        return asyncio.run(trying())


def _told(now: float) -> Told:
    from vedette.instruments.live.host import HostLive
    from vedette.instruments.witness.telling import told

    return told(HostLive(now))
