"""What the engine does about each rule: which clauses are its, its buckets, whose drop an entry is, and the sentence."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from vedette.agent.detect.buckets import Buckets, Room, State
from vedette.agent.detect.evidence import printable
from vedette.agent.detect.types import ALL, Clause, Rule
from vedette.agent.detect.values import Groups, own_reader, reader
from vedette.instruments.logs.types import LogEntry
from vedette.wire.ascode.lengths import written

_SHOWN = 120
LONGEST_KEY = 128  # characters
KeyOf = Callable[[LogEntry], str]


class Plan:
    """A rule at work."""

    __slots__ = ("buckets", "by", "by_address", "key", "late", "mark", "rule")

    def __init__(self, rule: Rule, room: Room, groups: Groups) -> None:
        bucket = rule.bucket
        self.rule = rule
        self.by = bucket.by
        self.by_address = bucket.by == ("address",)
        self.key = _key(bucket.by, groups)
        self.mark = _mark(rule, groups)
        self.late = bool(rule.before)
        self.buckets = Buckets(
            room,
            capacity=bucket.capacity,
            leak=bucket.leak,
            again=bucket.again,
            distinct=bool(bucket.distinct),
            mark=self.mark,
        )


class Acts(NamedTuple):
    """What an entry that meets certain clauses does: fills buckets, asks whether one is over its brim, takes back failures.

    `rare` tells whether it does more than fill. Those that take back stand together with others of the same key.
    """

    fill: tuple[Plan, ...]
    ask: tuple[Plan, ...]
    take_back: tuple[Plan, ...]
    rare: bool


class Numbered(NamedTuple):
    """All clauses of some plans in one order, and for each plan the bits of its own."""

    clauses: tuple[Clause, ...]
    bits: tuple[tuple[Plan, int, int, int, int], ...]  # plan; when, unless, before, reset


def number(plans: Sequence[Plan]) -> Numbered:
    """Number the clauses of plans."""
    clauses: list[Clause] = []

    def taken(found: Sequence[Clause]) -> int:
        start = len(clauses)
        clauses.extend(found)
        return ((1 << len(found)) - 1) << start

    bits = tuple(
        (plan, taken(r.when), taken(r.unless), taken(r.before), taken(r.reset))
        for plan in plans
        for r in (plan.rule,)
    )
    return Numbered(tuple(clauses), bits)


def acts(numbered: Numbered, mask: int, off: Collection[str] = ()) -> Acts:
    """Return what an entry does that meets the clauses of a mask, but for the rules of sets that are off."""
    met = [
        (plan, when, before, reset)
        for plan, when, unless, before, reset in numbered.bits
        if not mask & unless and plan.rule.set not in off
    ]
    ask = tuple(plan for plan, when, _, _ in met if mask & when and plan.late)
    take_back = sorted((plan for plan, _, _, reset in met if mask & reset), key=lambda plan: plan.by)
    fill = tuple(plan for plan, when, before, _ in met if mask & (before if plan.late else when))
    return Acts(fill, ask, tuple(take_back), bool(ask or take_back))


def _key(by: tuple[str, ...], groups: Groups) -> KeyOf:
    if by == ("address",):
        return lambda entry: groups.of(entry.address)
    if by == (ALL,):
        return lambda _: ALL
    parts = [_part(name, groups) for name in by if name != ALL]
    if len(parts) == 1:
        return parts[0]

    def together(entry: LogEntry) -> str:
        found = [part(entry) for part in parts]
        return "\x00".join(found) if all(found) else ""

    return together


def _part(name: str, groups: Groups) -> KeyOf:
    if name == "address":
        return lambda entry: groups.of(entry.address)
    read = reader(name)
    return lambda entry: _short(read(entry))


def _short(text: str) -> str:
    """Return a text as a key: a long one, which somebody may send a new one of each time, by its digest."""
    return (
        text
        if len(text) <= LONGEST_KEY
        else hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
    )


def _mark(rule: Rule, groups: Groups) -> Callable[[LogEntry], int] | None:
    """Return whose or what drop an entry is: the distinct value, or the user where successes take failures back."""
    name = rule.bucket.distinct or ("user" if rule.reset else "")
    if not name:
        return None
    if name == "user":
        return lambda entry: hash(entry.user) or 1
    if name == "address":
        return lambda entry: hash(groups.of(entry.address)) or 1
    read = own_reader(name)
    return (
        (lambda entry: hash(read(entry)) or 1)
        if read
        else (lambda entry: hash(entry.fields.get(name, "")) or 1)
    )


def reason(rule: Rule, entry: LogEntry, state: State, at: float) -> str:
    """Return the sentence of a detection, with the figures."""
    whom = f" from {printable(entry.address)}" if entry.address else ""
    if rule.before:
        return f"{rule.title}: {_counted(rule, state)} {_for(state, at)} before, by {_who(entry)}{whom}."
    if not rule.bucket.capacity:
        return f"{rule.title}{whom}{_what(entry)}."
    return f"{_counted(rule, state)} {_for(state, at)}{whom}."


def _counted(rule: Rule, state: State) -> str:
    distinct = f" with different values of {rule.bucket.distinct}" if rule.bucket.distinct else ""
    return f"{state.count} {rule.tells}{distinct}"


def _for(state: State, at: float) -> str:
    return f"in {written(max(1.0, at - state.first_at))}"


def _who(entry: LogEntry) -> str:
    return printable(entry.user)[:_SHOWN] or "nobody that is named"


def _what(entry: LogEntry) -> str:
    told = entry.fields.get("path") or entry.fields.get("command") or entry.fields.get("change") or entry.user
    return f": {printable(told)[:_SHOWN]}" if told else ""
