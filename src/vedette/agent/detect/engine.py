"""The engine: entries in, detections out. Pure: instants and ids are passed in."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from vedette.agent.detect.buckets import Room, State
from vedette.agent.detect.evidence import printable, shown
from vedette.agent.detect.matching import Matcher
from vedette.agent.detect.plans import Acts, Plan, acts, number, reason
from vedette.agent.detect.types import Mode, Rule
from vedette.agent.detect.values import MOST_KEPT, Groups
from vedette.agent.detect.wanting import wanted_by
from vedette.core.ids import new_id
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.instruments.logs.wanting import Wanted
from vedette.wire.agent.types import Detection

NOTHING: tuple[Detection, ...] = ()
DAY = 86_400.0
_NAME = 40  # characters of a user who is remembered
MOST_GOOD = 3  # so many people who signed in raise what an address may fail, no more
REFUSALS = frozenset(("403", "429"))  # what a banned one is answered


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that an entry meets, and how full its bucket is: `level` of `capacity` drops for `key`."""

    rule: str
    set: str
    does: str
    key: str
    level: float
    capacity: int


class Counted(NamedTuple):
    """What a detector knows besides its rules: their buckets, who signed in from where, and who is shut out."""

    plans: Sequence[Plan]
    good: Mapping[str, tuple[float, tuple[str, ...]]]
    shut: Mapping[str, float]


class Detector:
    """All rules at work on one host.

    `modes` are those of sets of rules, by name (simulate where none is told); the rules of a set that is off are as if they
    were not there. Not for several threads at once.
    """

    def __init__(
        self, rules: Sequence[Rule], modes: Mapping[str, Mode] | None = None, *, room: Room | None = None,
        ids: Callable[[], str] = new_id,
    ) -> None:  # fmt: skip
        self._modes = dict(modes or {})
        self._ids = ids
        self.room = room or Room()
        self._groups = Groups()
        live = [rule for rule in rules if self._modes.get(rule.set) != Mode.OFF]
        self._plans = [Plan(rule, self.room, self._groups) for rule in live]
        self._numbered = number(self._plans)
        self._matcher = Matcher(self._numbered.clauses)
        self._acts: dict[int, Acts] = {}
        self._good: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._shut: dict[str, float] = {}
        self.wanted: Wanted = wanted_by(live)

    def pour(self, entry: LogEntry, now: float) -> Sequence[Detection]:
        """Count an entry that was read at an instant (one that claims to be of later is of then); return what it sets off."""
        mask = self._matcher.mask(entry)
        if not mask or (self._shut and self._is_our_answer(entry, now)):
            return NOTHING
        todo = self._acts.get(mask) or self._learn(mask)
        at = entry.at if entry.at < now else now
        group = self._groups.of(entry.address)
        found = None
        for plan in todo.fill:
            key = group if plan.by_address else plan.key(entry)
            if key:
                state = plan.buckets.pour(key, at, entry)
                if state is not None and not (plan.late or self._is_office(plan, state, group, at)):
                    found = [*(found or ()), self._fired(plan, state, entry, at)]
        if todo.rare:
            found = [*(found or ()), *self._success(todo, entry, group, at)]
        return found or NOTHING

    def switch(self, modes: Mapping[str, Mode]) -> bool:
        """Change what is done with sets from now on; what was counted stays. False when a set was off until now: it needs a new detector."""
        known = {plan.rule.set for plan in self._plans}
        self._modes = dict(modes)
        self._acts.clear()
        return all(mode == Mode.OFF or name in known for name, mode in modes.items())

    def shut_out(self, address: str, until: float) -> None:
        """Be told that an address is banned: what we answer it until then (403, 429) is no deed of its own."""
        if len(self._shut) >= MOST_KEPT:  # the half that ends soonest goes: sorted once in thousands of bans
            latest = sorted(self._shut.items(), key=lambda one: one[1])[-MOST_KEPT // 2 :]
            self._shut = dict(latest)
        self._shut[self._groups.of(address)] = until

    def forget(self, address: str) -> None:
        """Be told that a ban was lifted: whatever was counted of an address is forgotten."""
        group = self._groups.of(address)
        self._shut.pop(group, None)
        for plan in self._plans:
            if "address" in plan.rule.bucket.by:
                plan.buckets.drop([key for key in plan.buckets.states if group in key.split("\x00")])

    def counted(self) -> "Counted":
        """Return what was counted, for one that follows."""
        return Counted(self._plans, self._good, self._shut)

    def adopt(self, before: "Counted") -> None:
        """Take over what another one counted of rules that count the same here, and who is shut out; it counts no more."""
        known = {plan.rule.id: plan for plan in before.plans}
        for plan in self._plans:
            other = known.get(plan.rule.id)
            if other is not None and _counting(other.rule) == _counting(plan.rule):
                plan.buckets.adopt(other.buckets)
        self._good.update(before.good)
        self._shut.update(before.shut)

    def explain(self, entry: LogEntry, now: float) -> tuple[Met, ...]:
        """Return the rules that an entry meets and how full their buckets are, counting nothing."""
        todo = acts(self._numbered, self._matcher.mask(entry))
        at = min(entry.at, now)
        return tuple(
            Met(
                rule=plan.rule.id, set=plan.rule.set, does=does, key=printable(plan.key(entry).replace("\x00", " ")),
                level=plan.buckets.level(plan.key(entry), at), capacity=plan.rule.bucket.capacity,
            )
            for does, plans in zip(Acts._fields, todo[:3], strict=False)
            for plan in plans
        )  # fmt: skip

    def _learn(self, mask: int) -> Acts:
        if len(self._acts) >= MOST_KEPT:
            self._acts.clear()
        off = [name for name, mode in self._modes.items() if mode == Mode.OFF]
        found = self._acts[mask] = acts(self._numbered, mask, off)
        return found

    def _success(self, todo: Acts, entry: LogEntry, group: str, at: float) -> list[Detection]:
        found = []
        for plan in todo.ask:
            key = plan.key(entry)
            if key in plan.buckets.states:
                state = plan.buckets.over(key, at)
                if state is not None:
                    found.append(self._fired(plan, state, entry, at))
                else:
                    plan.buckets.drop([key])  # a success ends the row of failures
        key = group
        by: tuple[str, ...] = ("address",)
        for plan in todo.take_back:
            if plan.by != by:
                key, by = plan.key(entry), plan.by
            if key in plan.buckets.states and plan.mark is not None:
                plan.buckets.forgive(key, plan.mark(entry))
        if todo.take_back and entry.kind is EntryKind.LOGIN_OK and entry.user:
            self._remember(group, printable(entry.user[:_NAME]), at)
        return found

    def _remember(self, group: str, user: str, at: float) -> None:
        """Remember who signed in from an address within a day: an office has many, an attacker has none."""
        last, users = self._good.get(group, (at, ()))
        users = () if at - last > DAY else users
        if user not in users:
            users = (*users, user)[-MOST_GOOD:]
        if len(self._good) >= MOST_KEPT:
            self._good.clear()
        self._good[group] = at, users

    def _is_office(self, plan: Plan, state: State, group: str, at: float) -> bool:
        """Tell whether an address from which people signed in has not failed enough for so many."""
        if not self._good or not plan.rule.reset:
            return False
        last, users = self._good.get(group, (0.0, ()))
        many = len(users) if at - last < DAY else 0
        return many > 1 and not plan.buckets.beyond(state, many)

    def _signed_in(self, entry: LogEntry, at: float) -> tuple[str, ...]:
        """Return who signed in from the entry's address within a day before."""
        last, users = self._good.get(self._groups.of(entry.address), (0.0, ())) if self._good else (0.0, ())
        return users if at - last < DAY else ()

    def _is_our_answer(self, entry: LogEntry, now: float) -> bool:
        group = self._groups.of(entry.address)
        if self._shut.get(group, 0.0) <= now:
            self._shut.pop(group, None)
            return False
        if entry.kind is EntryKind.REQUEST:
            return entry.fields.get("status") in REFUSALS
        return entry.kind in (EntryKind.BLOCKED, EntryKind.REFUSED)

    def _fired(self, plan: Plan, state: State, entry: LogEntry, at: float) -> Detection:
        rule = plan.rule
        found = Detection(
            id=self._ids(), at=at, rule=rule.id, reason=reason(rule, entry, state, at), severity=rule.severity,
            service=entry.service, address=entry.address, user=printable(entry.user)[:200], count=state.count,
            first_at=min(state.first_at, at), simulated=self._modes.get(rule.set) != Mode.ENFORCE,
            lines=tuple(shown(line) for line in (*state.lines, entry.line) if line),
            labels={
                "set": rule.set, "measure": rule.measure, "seconds": f"{rule.duration:.0f}",
                **({"signed_in": ", ".join(known)} if (known := self._signed_in(entry, at)) else {}),
            },
        )  # fmt: skip
        plan.buckets.fired(state, at)
        return found


def _counting(rule: Rule) -> tuple[object, ...]:
    """Return what decides what a rule counts, and how."""
    return (rule.when, rule.unless, rule.before, rule.reset, rule.bucket)
