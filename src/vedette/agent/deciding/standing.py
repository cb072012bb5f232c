"""What stands: decisions taken here and ordered by the server, and what may not come back. Verbs return what changes.

An unban stays: lines that were written before it ban nobody again, nor does the server for `GRACE` after it, until there is a new
detection all of whose lines are later, or a person who decides otherwise.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

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
from vedette.agent.deciding.table import MOST, Table
from vedette.wire.agent.deciding import ladder, targets
from vedette.wire.agent.deciding.sparing import Shelter
from vedette.wire.agent.deciding.types import Change, Network, Past, Target
from vedette.wire.agent.types import Decision, Lifted, Measure, Orders, Scope

GRACE = (
    600.0  # seconds after an unban in which the server's decisions, taken on other hosts, ban nobody again
)
PERSON = "person:"


class Standing:
    """The table of live decisions. Each verb tells `heard` what happened, which is what a restart reads again."""

    def __init__(self, most: int = MOST, heard: Callable[[Event], None] = lambda _: None) -> None:
        self._table = Table(most)
        self._heard = heard

    def __len__(self) -> int:
        return len(self._table)

    def replay(self, event: Event) -> None:
        """Let something have happened that was written down before."""
        self._table.apply(event)

    def facts(self, now: float) -> Iterator[Event]:
        """Yield the fewest events from which the same table comes."""
        return self._table.facts(now)

    def listed(self, now: float) -> list[Decision]:
        """Return all live decisions, those of the server beside ours, those that end first first."""
        found = (one for target in self._table.targets() for one in self._table.about(target))
        return sorted((one for one in found if one.until > now), key=lambda one: (one.until, one.value))

    def in_force(self, now: float) -> list[Decision]:
        """Return what is to be enforced: of each target and measure the decision that ends last, no simulated ones."""
        found = (one for t in self._table.targets() for one in self._table.in_force(t).values())
        return [one for one in found if one.until > now]

    def stands(
        self, target: Target, measure: Measure, now: float, *, simulated: bool = False
    ) -> Decision | None:
        """Return the decision of a measure that is live about a target; to a simulated one a real one counts, too."""
        found = (
            one
            for one in self._table.about(target)
            if one.measure is measure and one.until > now and (simulated or not one.simulated)
        )
        return max(found, key=lambda one: one.until, default=None)

    def about(self, target: Target, now: float) -> list[Decision]:
        """Return the live decisions about a target."""
        return [one for one in self._table.about(target) if one.until > now]

    def within(self, net: Network, now: float) -> Decision | None:
        """Return a live decision about a network that holds another one, or None."""
        found = (
            one
            for target in self._table.touching(net)
            if (held := targets.network(target)) and held.prefixlen <= net.prefixlen
            for one in self._table.about(target)
        )
        return max((one for one in found if one.until > now), key=lambda one: one.until, default=None)

    def past(self, target: Target, *, simulated: bool) -> Past:
        """Return what is remembered of earlier decisions about a target."""
        return self._table.past(target, simulated=simulated)

    def unbanned_at(self, target: Target) -> float | None:
        """Return when a target was unbanned, or None."""
        return self._table.unbanned_at(target)

    def welcome(self) -> tuple[Welcomed, ...]:
        """Return the allowlist that people keep on this host."""
        return self._table.welcome()

    def spared(self) -> Spared:
        """Return whom the server spares."""
        return self._table.spared

    def take(self, decision: Decision, now: float) -> Change:
        """Let a decision taken here stand; a measure's older one about the same target is replaced."""
        target = Target(decision.scope, decision.value)
        change = self._make_room(now) if not self._table.about(target) else Change()
        past = ladder.after(self._table.past(target, simulated=decision.simulated), decision.until, now)
        events: list[Event] = [Held(decision)]
        if not decision.origin.startswith(PERSON):
            events.append(Remembered(*target, past.steps, past.since, decision.simulated))
        if self._table.unbanned_at(target) is not None and not decision.simulated:
            events.append(Rebanned(*target))
        return Change.of([change, self._happen([target], events)])

    def unban(self, found: Sequence[Target], reason: str, now: float) -> Change:
        """End all decisions about targets because somebody says so; they do not come back by what was before."""
        events: list[Event] = []
        for target in found:
            events += [Freed(*target), Unbanned(*target, now)]
        lifted = self._lifted(found, reason, now)
        return Change.of([self._happen(found, events), Change(lifted=lifted)])

    def targets_in(self, target: Target) -> list[Target]:
        """Return a target, and of a network every live one that lies in it."""
        net = targets.network(target) if target.scope is Scope.NETWORK else None
        if net is None:
            return [target]
        inside = (
            t for t in self._table.touching(net) if (n := targets.network(t)) and n.prefixlen >= net.prefixlen
        )
        return list(dict.fromkeys([target, *inside]))

    def spare(self, nets: Iterable[Network], shelter: Shelter, now: float) -> Change:
        """Lift what is live about networks that are sheltered now; the reason is the shelter's."""
        changes = [
            self.unban([target], why, now)
            for net in nets
            for target in self._table.touching(net)
            if (held := targets.network(target)) is not None and (why := shelter.why(held)) is not None
        ]
        return Change.of(changes)

    def order(self, orders: Orders, shelter: Shelter, now: float) -> Change:
        """Do what the server orders: forget what a whole list does not name, lift, hold."""
        return Change.of([self.order_ends(orders, now), self.order_holds(orders.put, shelter, now)])

    def order_ends(self, orders: Orders, now: float) -> Change:
        """End what the server orders to end: what it drops, and of a whole list what is no longer in it."""
        changes = [self._forget(orders)] if orders.whole else []
        dropped = [target for text in orders.drop if (target := _dropped(text)) is not None]
        return Change.of([*changes, self.unban(dropped, "the server lifted it", now)])

    def order_holds(self, put: Iterable[Decision], shelter: Shelter, now: float) -> Change:
        """Hold decisions of the server's, but none about somebody sheltered or unbanned here."""
        return Change.of(self._ordered(given, shelter, now) for given in put)

    def spares(self, told: Spared) -> None:
        """Be told by the server whom it spares; what is as it was is written down once."""
        if told != self._table.spared:
            self._tell([told])

    def welcomed(self, entry: Welcomed) -> None:
        """Put a network on this host's allowlist."""
        self._tell([entry])

    def dismissed(self, network: str) -> None:
        """Take a network off this host's allowlist."""
        self._tell([Dismissed(network)])

    def expire(self, now: float) -> Change:
        """Forget what is over. What ended is to be enforced no longer."""
        ended: list[Decision] = []
        for target in self._table.over(now):
            ended += (one for one in self._table.end(target, now) if not one.simulated)
        return Change(drop=tuple(one for one in ended if self._over(one)))

    def _over(self, ended: Decision) -> bool:
        return ended.measure not in self._table.in_force(Target(ended.scope, ended.value))

    def _forget(self, orders: Orders) -> Change:
        """Forget the server's decisions that its whole list does not name; that is no unban."""
        named = {_key(one) for one in map(_normal, orders.put) if one is not None}
        gone = [
            target
            for target in self._table.targets(server=True)
            if any(_key(one) not in named for one in self._table.about(target, server=True))
        ]
        return self._happen(gone, [Freed(*target, server_only=True) for target in gone])

    def _ordered(self, given: Decision, shelter: Shelter, now: float) -> Change:
        decision = _normal(given)
        why = (
            "its value is none of its scope's" if decision is None else self._why_not(decision, shelter, now)
        )
        if decision is None or why is not None:
            return Change(skipped=(f"{given.id}: {why}",))
        target = Target(decision.scope, decision.value)
        if decision in self._table.about(target, server=True):
            return Change()
        change = self._make_room(now) if not self._table.about(target) else Change()
        return Change.of([change, self._happen([target], [Held(decision, server=True)])])

    def _why_not(self, decision: Decision, shelter: Shelter, now: float) -> str | None:
        target = Target(decision.scope, decision.value)
        net = targets.network(target)
        why = shelter.why(net) if net is not None else None
        unbanned = self._table.unbanned_at(target)
        if why is None and decision.until <= now:
            return "it is over"
        if why is None and unbanned is not None and decision.at <= unbanned + self._grace(decision):
            return "it was unbanned here"
        return why

    def _grace(self, decision: Decision) -> float:
        return 0.0 if decision.origin.startswith(PERSON) else GRACE

    def _make_room(self, now: float) -> Change:
        """Let what ends first go while there is no room for one more."""
        changes: list[Change] = []
        while len(self._table) >= self._table.most and (target := self._table.soonest()) is not None:
            text = f"{target.value}: it ended first of {self._table.most} decisions"
            changes.append(self._happen([target], [Freed(*target)]))
            changes.append(
                Change(lifted=(Lifted(at=now, scope=target.scope, value=target.value, reason=text),))
            )
        return Change.of(changes)

    def _lifted(self, found: Iterable[Target], reason: str, now: float) -> tuple[Lifted, ...]:
        live = (t for t in found if any(one.until > now for one in self._table.about(t)))
        return tuple(Lifted(at=now, scope=t.scope, value=t.value, reason=reason) for t in live)

    def _happen(self, about: Iterable[Target], events: Sequence[Event]) -> Change:
        """Let events happen, and return what is to be enforced otherwise about the targets they are about."""
        before = {target: self._table.in_force(target) for target in about}
        self._tell(events)
        put: list[Decision] = []
        drop: list[Decision] = []
        for target, was in before.items():
            now_is = self._table.in_force(target)
            put += (one for measure, one in now_is.items() if _other(was.get(measure), one))
            drop += (one for measure, one in was.items() if measure not in now_is)
        return Change(put=tuple(put), drop=tuple(drop))

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            self._table.apply(event)
            self._heard(event)


def _other(was: Decision | None, one: Decision) -> bool:
    return was is None or was.until != one.until


def _key(one: Decision) -> tuple[Target, Measure, bool]:
    return Target(one.scope, one.value), one.measure, one.simulated


def _normal(decision: Decision) -> Decision | None:
    """Return a decision of the server's in the form this table knows, or None when its value is none of its scope's."""
    target = targets.normal(Target(decision.scope, decision.value))
    if target is None:
        return None
    return msgspec.structs.replace(decision, scope=target.scope, value=target.value)


def _dropped(text: str) -> Target | None:
    """Return the target that `scope:value` names, or None when it names none."""
    scope, _, value = text.partition(":")
    try:
        return targets.normal(Target(Scope(scope), value))
    except ValueError:
        return None
