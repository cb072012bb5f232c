"""Bans of this host: detections become decisions that are written down, enforced and told. The agent's one door to all that.

Two locks, always in this order: verbs follow each other (`_verbs`), and the table is read and changed (`_table`). An enforcer is
never waited for while the table is locked, as it asks for the table itself when it compares.
"""

import functools
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from vedette.agent.book import Book
from vedette.agent.deciding.events import Spared, Welcomed
from vedette.agent.deciding.judging import Judge
from vedette.agent.deciding.standing import Standing
from vedette.core.ids import new_id
from vedette.instruments.packets.people import Presence
from vedette.instruments.packets.port import EnforceError, Enforcer
from vedette.wire.agent.deciding import sparing, targets
from vedette.wire.agent.deciding.crowding import Crowd
from vedette.wire.agent.deciding.networks import Networks
from vedette.wire.agent.deciding.sparing import Shelter
from vedette.wire.agent.deciding.types import Change, Left, Network, Response
from vedette.wire.agent.types import Decision, Detection, Happening, Measure, Orders, Report, Scope

PRESENCE_EVERY, SYNC_EVERY = 5.0, 30.0  # seconds
AT_ONCE = 50  # decisions of the server's that are held in one go: a few milliseconds
Named = Iterable[tuple[Network, str]]


class Bans:
    """What stands on this host. Safe for several threads; `tell` receives what the server shall hear."""

    def __init__(
        self,
        book: Book,
        enforcers: Sequence[Enforcer],
        *,
        origin: str,
        tell: Callable[[Report], None] = lambda _: None,
        people: Callable[[], Presence] = Presence,
        allow: Iterable[str] = (),
        never: Named = (),
    ) -> None:
        """Take the state file, what enforces, this host's name, who is present, and the configuration's allowlist.

        `never` are networks that are never banned with a word why (`the server`, `a trusted proxy`). Raises `ConfigError` for a
        wrong allowlist.
        """
        self._book, self._enforcers, self._origin, self._tell = book, list(enforcers), origin, tell
        self._people = people
        self._configured = tuple(allow)
        sparing.allowlist(self._configured, "allow")
        self._fixed, self._present = list(never), list[tuple[Network, str]]()
        self._verbs, self._table = threading.RLock(), threading.RLock()
        self._standing, self._crowd, self._shelter = Standing(heard=book.write), Crowd(), Shelter()
        self._looked = self._synced = float("-inf")
        self._unwell: dict[str, str] = {}

    def start(self, now: float) -> None:
        """Read the state file and bring enforcers in line with it: the same ends as before, in one batch each."""
        with self._verbs:
            with self._table:
                for event in self._book.read():
                    self._standing.replay(event)
                self._standing.expire(now)
            if self._book.skipped:
                self._say(
                    now,
                    "bans",
                    f"{self._book.skipped} lines of the state file could not be read; the rest holds.",
                    "medium",
                )
            self._seen(self._people(), now)
            self._spare((net for net, _ in self._sheltered()), now)
        self.sync(now, quietly=True)
        self._book.settle(0, lambda: self._standing.facts(now))

    def consider(self, detection: Detection, response: Response, now: float) -> list[Decision | Left]:
        """Decide about a detection, write it down, enforce it, tell it; return what was decided or why nothing was.

        Where the rule asks for it, a second decision is about the network.
        """
        with self._verbs:
            with self._table:
                judge = Judge(self._standing, self._shelter, self._origin)
                found: list[Decision | Left] = [judge.decide(detection, response, id=new_id(), now=now)]
                if response.crowd and isinstance(found[0], Decision):
                    found += self._crowded(judge, detection, response, now)
                taken = [one for one in found if isinstance(one, Decision)]
                changes = [self._standing.take(one, now) for one in taken]
            self._enforce(Change.of(changes), now)
            for one in taken:
                self._tell(one)
            return found

    def order(self, orders: Orders, now: float) -> None:
        """Do what the server orders: who is allowed and never banned first, then what to lift and what to enforce."""
        with self._verbs:
            before = {net for net, _ in self._sheltered()}
            with self._table:
                self._standing.spares(Spared(orders.allow, orders.never, orders.trusted_proxies))
            self._spare({net for net, _ in self._sheltered()} - before, now)
            with self._table:
                change = self._standing.order_ends(orders, now)
            self._enforce(change, now)
        for begin in range(0, len(orders.put), AT_ONCE):
            self._held(orders.put[begin : begin + AT_ONCE], now)

    def tick(self, now: float) -> None:
        """Do what time brings, about once a second: ends, who is present, the disk, web servers, comparing.

        One thread calls it. What may take long is done outside of locks: a ban waits for none of it.
        """
        here = self._people() if not self._looked <= now < self._looked + PRESENCE_EVERY else None
        with self._verbs:
            with self._table:
                change = self._standing.expire(now)
            self._enforce(change, now)
            if here is not None:
                before = set(self._present)
                self._seen(here, now)
                self._spare((net for net, _ in set(self._present) - before), now)
            with self._table:
                self._book.settle(len(self._standing), lambda: self._standing.facts(now))
        self._note("state", self._book.trouble, now)
        self._book.flush()
        for each in self._enforcers:
            self._guarded(each, now, functools.partial(each.tick, now))
        if self._unwell.keys() - {"state"} or not self._synced <= now < self._synced + SYNC_EVERY:
            self.sync(now)

    def sync(self, now: float, *, quietly: bool = False) -> None:
        """Compare what enforcers enforce with what stands, put it right, and say so."""
        self._synced = now
        for each in self._enforcers:
            try:
                mended = each.sync(self._live(now), now)
            except EnforceError as error:
                self._note(each.kind, str(error), now)
                continue
            self._note(each.kind, "", now)
            if mended.anything and not quietly:
                self._say(now, each.kind, mended.sentence(f"The {each.kind} table of bans"), "high")

    def add(self, text: str, seconds: float, *, by: str, reason: str, now: float) -> Decision | Left:
        """Ban an address or network because a person says so; raises `Invalid` for what is neither, or too wide."""
        target = targets.of_text(text)
        net = targets.network(target)
        assert net is not None  # noqa: S101 - of_text makes nothing else
        targets.narrow_enough(net)
        with self._verbs:
            with self._table:
                why = self._shelter.why(net)
                if why is not None:
                    return Left(why)
                decision = Decision(
                    id=new_id(), scope=target.scope, value=target.value, measure=Measure.BAN, at=now, until=now + seconds,
                    reason=reason or f"{by} banned it", origin=f"person:{by}",
                )  # fmt: skip
                change = self._standing.take(decision, now)
            self._enforce(change, now)
            self._tell(decision)
            return decision

    def remove(self, text: str, *, by: str, now: float) -> tuple[list[Decision], Decision | None]:
        """Lift what is live about an address, a network and all in it, `user:NAME` or `key:NAME`.

        Return what was lifted, and a decision about a network around it that still stands. Raises `Invalid`.
        """
        target = targets.of_words(text)
        net = targets.network(target)
        with self._verbs:
            with self._table:
                found = self._standing.targets_in(target)
                live = [one for each in found for one in self._standing.about(each, now)]
                change = self._standing.unban(found, f"{by} lifted it", now)
                around = self._standing.within(net, now) if net is not None else None
            self._enforce(change, now)
            return live, around

    def allow(self, text: str, *, by: str, note: str, now: float) -> tuple[Network, tuple[str, ...]]:
        """Put an address or network on this host's allowlist; return it and the values whose bans that lifted. Raises `Invalid`."""
        net = targets.network_of(text)
        with self._verbs:
            with self._table:
                self._standing.welcomed(Welcomed(str(net), now, note or f"by {by}"))
            return net, tuple(one.value for one in self._spare([net], now).lifted)

    def disallow(self, text: str) -> tuple[Network, bool]:
        """Take a network off this host's allowlist; return it and whether it was on it. Raises `Invalid`."""
        net = targets.network_of(text)
        with self._verbs, self._table:
            known = str(net) in {entry.network for entry in self._standing.welcome()}
            self._standing.dismissed(str(net))
            self._shelter = self._sheltering()
            return net, known

    def listed(self, now: float) -> list[Decision]:
        """Return what stands, what ends first first; simulated decisions, too."""
        with self._table:
            return self._standing.listed(now)

    def welcome(self) -> list[tuple[str, str, float]]:
        """Return the allowlist: network, why, and since when (0 where it stands in a file or comes from the server)."""
        with self._table:
            here = [(one.network, one.note, one.at) for one in self._standing.welcome()]
        configured = [(text, "configuration", 0.0) for text in self._configured]
        return here + configured + [(text, "the server", 0.0) for text in self._standing.spared().allow]

    def spared(self) -> list[tuple[str, str, float]]:
        """Return who is never banned besides: who is signed in now, this host's own addresses, what the server and files name."""
        with self._table:
            return [(str(net), why, 0.0) for net, why in self._never()]

    def close(self, now: float) -> None:
        """Write the state file short and give everything back; bans stay enforced until they end."""
        with self._verbs, self._table:
            self._book.settle(0, lambda: self._standing.facts(now))
            self._book.flush()
            for each in self._enforcers:
                each.close()
            self._book.close()

    def _held(self, put: Sequence[Decision], now: float) -> None:
        """Hold some of what the server ordered. Who waits for a lock to ban an attacker has its turn before the next ones."""
        with self._verbs:
            with self._table:
                change = self._standing.order_holds(put, self._shelter, now)
            self._enforce(change, now)
        time.sleep(0.0005)

    def _crowded(
        self, judge: Judge, detection: Detection, response: Response, now: float
    ) -> list[Decision | Left]:
        seen = self._crowd.saw(detection.address, now)
        found = judge.crowded(*seen, detection, response, id=new_id(), now=now) if seen is not None else None
        return [] if found is None else [found]

    def _seen(self, here: Presence, now: float) -> None:
        self._looked = now
        self._present = [
            *sparing.addresses(here.sessions, "signed in here"),
            *sparing.addresses(here.own, "this host's own"),
        ]

    def _never(self) -> list[tuple[Network, str]]:
        told = self._standing.spared()
        return [
            *self._present,
            *self._fixed,
            *sparing.addresses(told.never, "spared by the server"),
            *sparing.addresses(told.proxies, "a trusted proxy"),
        ]

    def _sheltered(self) -> list[tuple[Network, str]]:
        allowed = sparing.addresses([text for text, _, _ in self.welcome()], "allowed")
        return [*allowed, *self._never()]

    def _sheltering(self) -> Shelter:
        allowed = sparing.addresses([text for text, _, _ in self.welcome()], "allowed")
        return Shelter(Networks(allowed), Networks(self._never()))

    def _spare(self, nets: Iterable[Network], now: float) -> Change:
        """Shelter who is to be sheltered now, and lift what is live about the new ones."""
        with self._table:
            self._shelter = self._sheltering()
            change = self._standing.spare(nets, self._shelter, now)
        self._enforce(change, now)
        return change

    def _enforce(self, change: Change, now: float) -> None:
        """Enforce what changed, and tell what ended before its time."""
        for each in self._enforcers:
            for act, decisions in ((each.drop, _of(each, change.drop)), (each.put, _of(each, change.put))):
                if decisions:
                    self._guarded(each, now, functools.partial(act, decisions, now))
        for lifted in change.lifted:
            self._tell(lifted)

    def _guarded(self, each: Enforcer, now: float, act: Callable[[], None]) -> None:
        """Do something with an enforcer; where it cannot, say so once, and compare again with the next tick."""
        try:
            act()
        except EnforceError as error:
            self._note(each.kind, str(error), now)

    def _note(self, kind: str, trouble: str, now: float) -> None:
        if trouble and self._unwell.get(kind) != trouble:
            self._unwell[kind] = trouble
            self._say(now, kind, trouble, "high")
        elif not trouble and self._unwell.pop(kind, ""):
            self._say(now, kind, "Bans are enforced again.", "info", resolved=True)

    def _say(self, now: float, kind: str, text: str, severity: str, *, resolved: bool = False) -> None:
        self._tell(Happening(at=now, kind=f"bans-{kind}", text=text, severity=severity, resolved=resolved))

    def _live(self, now: float) -> Callable[[], Sequence[Decision]]:
        def live() -> Sequence[Decision]:
            with self._table:
                return self._standing.in_force(now)

        return live


def _of(each: Enforcer, decisions: Iterable[Decision]) -> list[Decision]:
    return [
        one
        for one in decisions
        if one.measure in each.measures and one.scope in {Scope.ADDRESS, Scope.NETWORK}
    ]
