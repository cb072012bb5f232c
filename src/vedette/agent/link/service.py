"""The link of an agent to its server: reports go, orders come, and nothing is lost while the server is away.

Two lanes, each with a spool of its own: of measures the oldest go for want of room, and what happened stays. What the link
needs (TLS, cryptography) is loaded by its own threads, so that an agent starts without waiting for them.
"""

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

import msgspec

from vedette.core import ids
from vedette.core.clock import Clock, monotonic
from vedette.core.errors import ConfigError, Unavailable, VedetteError
from vedette.plumbing.net.asking import Pauses, Refused
from vedette.plumbing.spool.file import FileSpool
from vedette.plumbing.spool.memory import MemorySpool
from vedette.plumbing.spool.port import Kept, Spool
from vedette.wire.agent.batches import is_measured
from vedette.wire.agent.types import Orders, Report

if TYPE_CHECKING:
    from vedette.agent.link.courier import Courier
    from vedette.agent.link.fetching import Fetcher
    from vedette.agent.link.identity import Identity
    from vedette.agent.link.speaking import Speaker
    from vedette.plumbing.net.port import Net

FACTS, MEASURES = "facts", "measures"
ROOM: Mapping[str, int] = MappingProxyType({FACTS: 64 * 1024 * 1024, MEASURES: 32 * 1024 * 1024})
_IDLE, _BROKEN = 60.0, 3.0
_LAST_WORDS = 1.5
Say = Callable[[str], None]


class Hears(Protocol):
    """Applies orders; called on a thread of the link's."""

    def __call__(self, orders: Orders) -> None:
        """Put orders in force."""
        ...


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the state of an agent is (None: nothing is kept over a restart), its version, and how much may wait by lane."""

    state: Path
    spool: Path | None = None
    version: str = ""
    room: Mapping[str, int] = msgspec.field(default_factory=lambda: ROOM)


class SharedSpool:
    """A spool that several threads use."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._lock = spool, threading.Lock()
        self.origin = spool.origin

    @property
    def last(self) -> int:
        """Return the number of what was added last."""
        return self._spool.last

    def add(self, bodies: Sequence[bytes]) -> int:
        """Let bodies wait; return how many of the oldest went."""
        with self._lock:
            return self._spool.add(bodies)

    def head(self, n: int, max_bytes: int) -> Sequence[Kept]:
        """Return some of the oldest."""
        with self._lock:
            return self._spool.head(n, max_bytes)

    def drop(self, number: int) -> None:
        """Forget all up to a number."""
        with self._lock:
            self._spool.drop(number)

    def waiting(self) -> int:
        """Return how many wait."""
        with self._lock:
            return self._spool.waiting()

    def close(self) -> None:
        """Keep what waits."""
        with self._lock:
            self._spool.close()


class Link:
    """Reports to the server, and hears its orders. `report` may be called from any thread, before `start`, too."""

    def __init__(
        self, settings: Settings, clock: Clock, *, on_orders: Hears, say: Say, net: "Net | None" = None
    ) -> None:
        self.on_orders: Hears = on_orders
        self._say = say
        self.refused = ""  # why the server wants nothing of this host any more
        self._spools = {lane: SharedSpool(_spool(settings, lane)) for lane in (FACTS, MEASURES)}
        self._ending, self._more = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []
        self._kept_nothing, self._closed = "", False
        self._left: dict[str, int] = {}  # what waited at the end, by lane
        self.lost = dict.fromkeys(self._spools, 0)  # reports that found no room, by lane
        self._ends = _Ends(settings, clock, net)

    def report(self, reports: Sequence[Report]) -> None:
        """Let reports wait to be sent, at once as far as the server can be reached; what cannot be kept is said.

        What comes after the end is left: who looks again with the next start finds it.
        """
        if self._closed:
            return
        for lane, wanted in ((FACTS, False), (MEASURES, True)):
            found = [one for one in reports if is_measured(one) is wanted]
            if found:
                self._keep(lane, found)
        self._more.set()

    def _keep(self, lane: str, found: Sequence[Report]) -> None:
        from vedette.wire.agent import batches

        try:
            lost = self._spools[lane].add([batches.pack(one) for one in found])
        except Unavailable as error:
            if str(error) != self._kept_nothing:
                self._say(f"{error} {len(found)} reports are lost.")
            self._kept_nothing = str(error)
            return
        self._kept_nothing = ""
        if lost:
            self._lost(lane, lost)

    def _lost(self, lane: str, lost: int) -> None:
        if not self.lost[lane]:
            self._say(f"The spool of {lane} is full: the oldest are lost from now on.")
        self.lost[lane] += lost

    def start(self) -> None:
        """Start the threads. What is wrong with the enrolment is said by them, once."""
        for name, act in (("reports", self._carry), ("orders", self._fetch)):
            thread = threading.Thread(target=self._guarded, args=(act,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self, seconds: float = _LAST_WORDS) -> None:
        """End the threads, after what waits was sent once more; what is not sent is kept."""
        self._ending.set()
        self._more.set()
        end = monotonic() + seconds
        for thread in self._threads[:1]:  # a poll that waits at the server is left to itself
            thread.join(max(0.0, end - monotonic()))
        with contextlib.suppress(Unavailable):
            self._left = self.waiting()
        self._closed = True
        for spool in self._spools.values():
            with contextlib.suppress(Unavailable):
                spool.close()

    def waiting(self) -> dict[str, int]:
        """Return how many reports wait, by lane; after the end, how many are kept for the next start."""
        return self._left if self._closed else {lane: spool.waiting() for lane, spool in self._spools.items()}

    def _guarded(self, act: Callable[[], None]) -> None:
        """Run a thread's work, and again after a fault, which is said once.

        That the server wants nothing of this host, or that it is not enrolled, ends it.
        """
        fault, pauses = "", Pauses()
        while not self._ending.is_set():
            began = monotonic()
            try:
                act()
            except (Refused, ConfigError) as error:
                self._refuse(error)
                return
            except Exception as error:  # noqa: BLE001 - it is said
                if monotonic() - began > _IDLE:
                    pauses.worked()
                why = str(error) if isinstance(error, VedetteError) else f"{type(error).__name__}: {error}"
                if why != fault:
                    self._say(f"A fault, after which the link goes on: {why}")
                fault = why
                self._ending.wait(pauses.next())

    def _refuse(self, error: VedetteError) -> None:
        if not self.refused:
            self.refused = str(error)
            why = "" if isinstance(error, Refused) else " What is found is kept here."
            self._say(f"{error}{why}")

    def _ordered(self, orders: Orders) -> None:
        """Have orders applied, but of a poll that ends after the link; what is wrong with them does not end it."""
        if self._ending.is_set():
            return
        try:
            self.on_orders(orders)
        except ConfigError as error:
            raise Unavailable(str(error)) from error

    def _fetch(self) -> None:
        fetcher = self._ends.fetcher(self._ordered, self._say)
        while not self._ending.is_set():
            self._ending.wait(fetcher.fetch())

    def _carry(self) -> None:
        """Send what waits, what happened first, until the end; then once more what waits."""
        couriers = {lane: self._ends.courier(lane, spool, self._say) for lane, spool in self._spools.items()}
        due = dict.fromkeys(couriers, 0.0)
        while not self._ending.is_set():
            self._more.clear()
            for lane, courier in couriers.items():
                if monotonic() >= due[lane]:
                    wait = self._sent(lane, courier)
                    due[lane] = 0.0 if wait is None else monotonic() + wait
            left = [at - monotonic() for at in due.values() if at]
            self._more.wait(max(0.0, min([_IDLE, *left])))
        if not any(courier.is_away for courier in couriers.values()):
            for lane, courier in couriers.items():
                self._sent(lane, courier)

    def _sent(self, lane: str, courier: "Courier") -> float | None:
        before = courier.lost = self.lost[lane]
        try:
            wait = courier.send()
        except Unavailable as error:  # the spool cannot be read or written
            if not self._closed:
                self._say(str(error))
            return _BROKEN
        self.lost[lane] += courier.lost - before
        return wait


class _Ends:
    """What the server is asked with, by all threads alike; loaded by the first that asks."""

    def __init__(self, settings: Settings, clock: Clock, net: "Net | None") -> None:
        self._settings, self._clock, self._net = settings, clock, net
        self._lock = threading.Lock()
        self._made: tuple[Identity, Speaker] | None = None

    def _known(self) -> "tuple[Identity, Speaker]":
        with self._lock:
            self._made = self._made or self._make()
            return self._made

    def _make(self) -> "tuple[Identity, Speaker]":
        """Load who this host is and what its requests are signed with; raises `ConfigError`."""
        from vedette.agent.link.identity import Identity
        from vedette.agent.link.speaking import Speaker, only
        from vedette.wire.agent import enrolling

        identity = Identity(self._settings.state)
        public_of = only(enrolling.key_of(identity.server.key))
        net = self._net or _net()
        return identity, Speaker(net, identity.server.url, identity.key, public_of, self._clock.now)

    def fetcher(self, order: Callable[[Orders], None], say: Say) -> "Fetcher":
        """Return what fetches orders."""
        from vedette.agent.link.fetching import Fetcher

        identity, speaker = self._known()
        return Fetcher(speaker, identity, version=self._settings.version, order=order, say=say)

    def courier(self, lane: str, spool: Spool, say: Say) -> "Courier":
        """Return what brings the reports of a lane."""
        from vedette.agent.link.courier import Courier

        _, speaker = self._known()
        return Courier(speaker, spool, self._clock, lane=lane, version=self._settings.version, say=say)


def _net() -> "Net":
    """Return the way out, with the certificates of this machine read once."""
    import ssl

    from vedette.plumbing.net.client import NetClient

    return NetClient(
        allow_private=True, tls=ssl.create_default_context()
    )  # the server is where its owner says


def _spool(settings: Settings, lane: str) -> Spool:
    origin, room = ids.new_id(), settings.room[lane]
    return (
        MemorySpool(origin, room)
        if settings.spool is None
        else FileSpool(settings.spool / lane, origin, room)
    )
