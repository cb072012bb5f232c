"""The sum of what happened: live decisions, unbans, what is remembered, who is welcome. Bounded; `Standing` holds the verbs."""

import heapq
from collections.abc import Iterator

from vedette.agent.deciding.events import (
    Dismissed,
    Event,
    Freed,
    Held,
    Rebanned,
    Remembered,
    Spared,
    Unbanned,
    Welcomed,
)
from vedette.agent.deciding.places import Places
from vedette.wire.agent.deciding import ladder
from vedette.wire.agent.deciding.types import DAY, Network, Past, Target
from vedette.wire.agent.types import Decision, Measure

MOST = 200_000  # live decisions; what is remembered is bounded by it, too
MOST_UNBANS = 20_000
UNBAN_KEPT = 30 * DAY


class Table:
    """What stands, as a sum of events. It decides nothing and forgets what is over."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        # Most targets have one decision, so a tuple of it is all they cost; the first table is ours, the second the server's.
        self._held: tuple[dict[Target, tuple[Decision, ...]], ...] = ({}, {})
        self._places = Places()
        self._ends: list[tuple[float, Target]] = []
        self._past: dict[tuple[Target, bool], Past] = {}
        self._unbanned: dict[Target, float] = {}
        self._welcome: dict[str, Welcomed] = {}
        self.spared = Spared()

    def __len__(self) -> int:
        return sum(map(len, self._held))

    def apply(self, event: Event) -> None:
        """Let one thing have happened."""
        match event:
            case Held():
                self._hold(event)
            case Freed():
                self._free(Target(event.scope, event.value), event.server_only)
            case Unbanned():
                self._unban(Target(event.scope, event.value), event.at)
            case Rebanned():
                self._unbanned.pop(Target(event.scope, event.value), None)
            case Remembered():
                self._remember(event)
            case Welcomed():
                self._welcome[event.network] = event
            case Dismissed():
                self._welcome.pop(event.network, None)
            case Spared():
                self.spared = event

    def facts(self, now: float) -> Iterator[Event]:
        """Yield the fewest events that make this table again, without what is over."""
        yield self.spared
        yield from self._welcome.values()
        for target, at in self._unbanned.items():
            if now - at < UNBAN_KEPT:
                yield Unbanned(*target, at)
        for (target, simulated), past in self._past.items():
            if ladder.counting(past, now):
                yield Remembered(*target, past.steps, past.since, simulated)
        for server, table in enumerate(self._held):
            for decisions in table.values():
                yield from (Held(one, bool(server)) for one in decisions if one.until > now)

    def about(self, target: Target, *, server: bool | None = None) -> tuple[Decision, ...]:
        """Return the decisions about a target: all, or ours or the server's alone."""
        ours, theirs = (table.get(target, ()) for table in self._held)
        return ours + theirs if server is None else (theirs if server else ours)

    def in_force(self, target: Target) -> dict[Measure, Decision]:
        """Return what is enforced about a target: of each measure the decision that ends last."""
        found: dict[Measure, Decision] = {}
        for one in self.about(target):
            if not one.simulated and (one.measure not in found or one.until > found[one.measure].until):
                found[one.measure] = one
        return found

    def targets(self, *, server: bool | None = None) -> set[Target]:
        """Return whom decisions are about."""
        return set().union(*(t for n, t in enumerate(self._held) if server is None or n == int(server)))

    def touching(self, net: Network) -> list[Target]:
        """Return the targets whose network overlaps another one; that is quick however many there are."""
        return [t for t in dict.fromkeys(self._places.overlapping(net)) if self.about(t)]

    def over(self, now: float) -> set[Target]:
        """Return the targets of which a decision has ended; ask until there are none, and free what ended."""
        found = set()
        while self._ends and self._ends[0][0] <= now:
            found.add(heapq.heappop(self._ends)[1])
        return found

    def soonest(self) -> Target | None:
        """Return the target whose decision ends first: it goes when there is no room."""
        while self._ends:
            until, target = self._ends[0]
            if any(one.until == until for one in self.about(target)):
                return target
            heapq.heappop(self._ends)
        return None

    def end(self, target: Target, now: float) -> tuple[Decision, ...]:
        """Forget the decisions about a target that are over, and return them."""
        ended: tuple[Decision, ...] = ()
        for table in self._held:
            before = table.get(target, ())
            after = tuple(one for one in before if one.until > now)
            ended += tuple(one for one in before if one.until <= now)
            self._put(table, target, after)
        return ended

    def past(self, target: Target, *, simulated: bool) -> Past:
        """Return what is remembered of earlier decisions about a target."""
        return self._past.get((target, simulated), Past())

    def unbanned_at(self, target: Target) -> float | None:
        """Return when a target was unbanned, or None."""
        return self._unbanned.get(target)

    def welcome(self) -> tuple[Welcomed, ...]:
        """Return this host's own allowlist."""
        return tuple(self._welcome.values())

    def _hold(self, event: Held) -> None:
        one = event.decision
        target, table = Target(one.scope, one.value), self._held[event.server]
        others = tuple(
            o for o in table.get(target, ()) if (o.measure, o.simulated) != (one.measure, one.simulated)
        )
        self._put(table, target, (*others, one))
        heapq.heappush(self._ends, (one.until, target))
        if len(self._ends) > 2 * len(self) + 1000:
            self._ends = [(d.until, t) for t in self.targets() for d in self.about(t)]
            heapq.heapify(self._ends)

    def _free(self, target: Target, server_only: bool) -> None:
        for table in self._held[1:] if server_only else self._held:
            self._put(table, target, ())

    def _put(
        self, table: dict[Target, tuple[Decision, ...]], target: Target, decisions: tuple[Decision, ...]
    ) -> None:
        if not decisions:
            table.pop(target, None)
            return
        if not self.about(target):
            self._places.add(target)
        table[target] = decisions
        if self._places.too_many(len(self)):
            self._places = Places()
            for each in self.targets():
                self._places.add(each)

    def _unban(self, target: Target, at: float) -> None:
        self._unbanned.pop(target, None)
        self._unbanned[target] = at
        for simulated in (False, True):
            self._past.pop((target, simulated), None)
        if len(self._unbanned) > MOST_UNBANS:
            self._unbanned.pop(next(iter(self._unbanned)))

    def _remember(self, event: Remembered) -> None:
        key = (Target(event.scope, event.value), event.simulated)
        self._past.pop(key, None)
        self._past[key] = Past(event.steps, event.since)
        if len(self._past) > self.most:
            self._past.pop(next(iter(self._past)))
