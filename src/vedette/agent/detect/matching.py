"""Which clauses of all rules an entry meets: a bit each, and of each field's value the bits are remembered.

An entry of a kind that no rule names costs one look into a dictionary; a value that was seen before costs one more for each
field that rules look at, and where rules look at all that an entry tells, what was told before costs one for all. A new value
is put to one RE2 set of all texts of that field.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vedette.agent.detect import values
from vedette.agent.detect.types import Clause, Likeness
from vedette.instruments.logs.types import LogEntry

if TYPE_CHECKING:
    import re2

_MEMORY = 32 << 20  # what RE2 may use for the automaton of a field
_MOST_STATIC = 4_096
_MOST_TOLD = 4_096
_LONGEST_TOLD = 512  # characters of a line: what it tells is not longer
_OF_ONE = ("address", "source", "service")  # what differs from one entry to the next
Key = tuple[str, str, str, str]


class Field:
    """One field that clauses look at: from its value to the bits of those that it does not rule out."""

    __slots__ = ("_numbered", "_others", "_set", "_texts", "known", "name", "read")

    def __init__(self, name: str, every: int, tests: Sequence[tuple[int, Likeness]]) -> None:
        self.name = name
        self.read = values.own_reader(name)
        self.known: dict[str, int] = {}
        self._others = every & ~_together(bit for bit, _ in tests)
        self._numbered = [
            (bit, _Numbers(likeness)) for bit, likeness in tests if likeness.networks or likeness.ranges
        ]
        self._texts = [(bit, pattern) for bit, likeness in tests for pattern in _patterns(likeness)]
        self._set: re2.Set | None = None

    def learn(self, value: str) -> int:
        """Return the bits of clauses that a value of this field does not rule out, and remember them in `known`."""
        found = self._others | self._met(values.plain(self.name, value))
        if len(value) <= values.LONGEST_KEPT:
            if len(self.known) >= values.MOST_KEPT:
                self.known.clear()
            self.known[value] = found
        return found

    def _met(self, value: str) -> int:
        met = _together(bit for bit, numbers in self._numbered if numbers.have(value))
        if self._texts:
            met |= _together(self._texts[number][0] for number in self._compiled().Match(value) or ())
        return met

    def _compiled(self) -> "re2.Set":
        if self._set is None:
            self._set = _set_of([pattern for _, pattern in self._texts])
        return self._set


class _Numbers:
    """The networks and ranges of a likeness."""

    def __init__(self, likeness: Likeness) -> None:
        self._networks = [ipaddress.ip_network(each) for each in likeness.networks]
        self._ranges = likeness.ranges

    def have(self, value: str) -> bool:
        """Tell whether a value lies in one of them."""
        return self._in_range(value) or self._in_network(value)

    def _in_range(self, value: str) -> bool:
        if not self._ranges:
            return False
        try:
            number = float(value)
        except ValueError:
            return False
        return any(low <= number <= high for low, high in self._ranges)

    def _in_network(self, value: str) -> bool:
        if not self._networks:
            return False
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return False
        return any(address in network for network in self._networks)


class _Possible(NamedTuple):
    """What a clause could still be about, once it is known which event it is: bits, and the fields that decide about them.

    `whole` tells whether these fields are all that such entries tell, so that it is of use to remember them together.
    """

    met: int
    fields: tuple[Field, ...]
    whole: bool


class Matcher:
    """All clauses of all rules, numbered as they are given."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self._clauses = clauses
        self._static: dict[Key, _Possible] = {}
        self._told: dict[tuple[object, ...], int] = {}
        every = (1 << len(clauses)) - 1
        self._fields = [
            (Field(name, every, tests), _together(bit for bit, _ in tests))
            for name in sorted({name for clause in clauses for name in clause.fields})
            for tests in [_tests(clauses, name)]
        ]

    def mask(self, entry: LogEntry) -> int:
        """Return the bits of the clauses that an entry meets."""
        key = (entry.parser, entry.event, entry.kind, entry.service)
        could = self._static.get(key) or self._learn(key, entry)
        if not could.whole:
            return self._met(could, entry)
        told = (could.met, entry.user, *entry.fields, *entry.fields.values())
        known = self._told.get(told)
        return self._remember(told, could, entry) if known is None else known

    def _remember(self, told: tuple[object, ...], could: _Possible, entry: LogEntry) -> int:
        found = self._met(could, entry)
        if len(entry.line) <= _LONGEST_TOLD:
            if len(self._told) >= _MOST_TOLD:
                self._told.clear()
            self._told[told] = found
        return found

    def _met(self, could: _Possible, entry: LogEntry) -> int:
        met, told = could.met, entry.fields
        for field in could.fields:  # written out: a call for each field would cost more than what it does
            value = field.read(entry) if field.read else told.get(field.name, "")
            bits = field.known.get(value)
            met &= field.learn(value) if bits is None else bits
            if not met:
                return 0
        return met

    def _learn(self, key: Key, entry: LogEntry) -> _Possible:
        met = _together(1 << n for n, clause in enumerate(self._clauses) if _could(clause, key))
        fields = tuple(field for field, bits in self._fields if bits & met)
        found = _Possible(met, fields, _is_whole({field.name for field in fields}, entry))
        if len(self._static) >= _MOST_STATIC:
            self._static.clear()
        self._static[key] = found
        return found


def _is_whole(names: set[str], entry: LogEntry) -> bool:
    """Tell whether fields that are looked at are all that entries like this one tell, and more than one look would find."""
    asked = names | ({"path", "query"} if "target" in names else set())
    return len(names) > 3 and entry.fields.keys() <= asked and names.isdisjoint(_OF_ONE)


def _could(clause: Clause, key: Key) -> bool:
    parser, event, kind, service = key
    return (
        kind in clause.kinds
        and (not clause.services or service in clause.services)
        and (not clause.parsers or parser in clause.parsers)
        and (not clause.events or event in clause.events)
    )


def _tests(clauses: Sequence[Clause], name: str) -> list[tuple[int, Likeness]]:
    return [(1 << n, clause.fields[name]) for n, clause in enumerate(clauses) if name in clause.fields]


def _together(bits: Iterable[int]) -> int:
    found = 0
    for bit in bits:
        found |= bit
    return found


def _patterns(likeness: Likeness) -> Iterable[str]:
    """Yield what RE2 looks for in a value in lower case, the literals of one kind as one pattern."""
    if likeness.contains:
        yield _any_of(likeness.contains)
    if likeness.equals:
        yield f"\\A{_any_of(likeness.equals)}\\z"
    if likeness.startswith:
        yield f"\\A{_any_of(likeness.startswith)}"
    if likeness.endswith:
        yield f"{_any_of(likeness.endswith)}\\z"
    yield from likeness.matches


def _any_of(literals: Iterable[str]) -> str:
    return f"(?:{'|'.join(_quoted(each) for each in literals)})"


def _quoted(literal: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else f"\\x{{{ord(c):x}}}" for c in literal)


def _set_of(patterns: Sequence[str]) -> "re2.Set":
    import re2

    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    found = re2.Set.SearchSet(options)
    for pattern in patterns:
        found.Add(pattern)
    found.Compile()
    return found
