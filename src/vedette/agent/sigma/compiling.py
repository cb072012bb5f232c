"""Tests of rules as closures over an event. Text of logs is never matched by Python's `re`: RE2's time is linear."""

import ipaddress
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from vedette.agent.sigma.event import Event, written
from vedette.agent.sigma.folding import fold
from vedette.agent.sigma.tree import (
    TEXT,
    All,
    Any,
    Compare,
    Exists,
    Flag,
    Network,
    Not,
    Null,
    Number,
    Pattern,
    Piece,
    Same,
    Test,
    Text,
    Wild,
)

Check = Callable[[Event], bool]
FEW = 6  # so many texts are looked for one by one, more by one expression
_MEMORY = 8 << 20
_COMPARES: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_LONGEST_ADDRESS = 60
_LIKE: dict[tuple[bool, bool], Callable[[str, str], bool]] = {
    (False, False): lambda one, other: one == other,
    (True, False): lambda one, other: one.startswith(other),
    (False, True): lambda one, other: one.endswith(other),
    (True, True): lambda one, other: other in one,
}


class _Found(Protocol):
    """An expression that is looked for in a text."""

    def search(self, text: str | bytes, /) -> object:
        """Return None where it is not found."""


def compiled(test: Test) -> Check:  # noqa: C901, PLR0911 - one line for each kind of test
    """Return a test as a function of an event. Raise ValueError for an expression that RE2 does not know."""
    match test:
        case All(parts=parts):
            return _all([compiled(part) for part in parts])
        case Any(parts=parts):
            return _any(_joined(parts))
        case Not(part=part):
            inner = compiled(part)
            return lambda event: not inner(event)
        case Text():
            return _text(test)
        case Number(field=field, value=value):
            return _number(field, value)
        case Flag(field=field, value=value):
            words = ("true", "1") if value else ("false", "0")
            return lambda event: event.folded(field) in words
        case Null(field=field):
            return lambda event: event.values.get(field) is None
        case Exists(field=field, wanted=wanted):
            return lambda event: (event.values.get(field) is not None) is wanted
        case Pattern(field=field, pattern=pattern, flags=flags):
            return _searched(field, expression(f"(?{flags}){pattern}" if flags else pattern), cased=True)
        case Network(field=field, cidr=cidr):
            return _network(field, cidr)
        case Compare(field=field, operator=sign, value=value):
            return _compare(field, _COMPARES[sign], value)
        case Same():
            return _same(test)


def expression(pattern: str) -> _Found:
    """Return a regular expression compiled by RE2. Raise ValueError where RE2 does not know what it asks for."""
    import re2

    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    try:
        found: _Found = re2.compile(pattern, options=options)
    except re2.error as error:
        detail = error.args[0] if error.args else error
        text = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
        raise ValueError(f"RE2 does not know this expression ({text})") from error
    return found


def _all(checks: Sequence[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]
    if len(checks) == 2:
        first, second = checks
        return lambda event: first(event) and second(event)

    def every(event: Event) -> bool:
        for check in checks:  # noqa: SIM110 - a generator costs more than the checks
            if not check(event):
                return False
        return True

    return every


def _any(checks: Sequence[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]

    def some(event: Event) -> bool:
        for check in checks:  # noqa: SIM110 - a generator costs more than the checks
            if check(event):
                return True
        return False

    return some


def _joined(parts: Iterable[Test]) -> list[Check]:
    """Return the checks of alternatives: plain texts of the same field are one check, whatever their number."""
    plain: dict[tuple[str, bool, str], list[str]] = {}
    rest: list[Check] = []
    for part in parts:
        shape, text = ("", "") if not isinstance(part, Text) else shaped(part)
        if isinstance(part, Text) and shape:
            plain.setdefault((part.field, part.cased, shape), []).append(text)
        else:
            rest.append(compiled(part))
    return [*(_plain(field, shape, texts, cased) for (field, cased, shape), texts in plain.items()), *rest]


def shaped(test: Text) -> tuple[str, str]:
    """Return how a text without inner wildcards is compared (`is`, `begins`, `ends`, `contains`) and with what; `""` for others."""
    pieces = normal(test)
    words = [piece for piece in pieces if isinstance(piece, str)]
    if Wild.ONE in pieces or len(words) > 1:
        return "", ""
    text = words[0] if words else ""
    if not words and pieces:
        return "contains", ""  # a lone `*`: any value
    front, back = pieces[:1] == (Wild.MANY,), pieces[-1:] == (Wild.MANY,)
    return {(False, False): "is", (False, True): "begins", (True, False): "ends", (True, True): "contains"}[
        front, back
    ], text


def normal(test: Text) -> tuple[Piece, ...]:
    """Return the pieces of a text: keywords with `*` around, `*` never twice, texts joined, letters folded."""
    pieces = (Wild.MANY, *test.pieces, Wild.MANY) if test.field == TEXT else test.pieces
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if isinstance(piece, Wild):
            if not (piece is Wild.MANY and last is Wild.MANY):
                found.append(piece)
        elif piece:
            text = piece if test.cased else fold(piece)
            if isinstance(last, str):
                found[-1] = last + text
            else:
                found.append(text)
    return tuple(found)


def _text(test: Text) -> Check:
    shape, text = shaped(test)
    if shape:
        return _plain(test.field, shape, [text], test.cased)
    written_ = {Wild.MANY: ".*", Wild.ONE: "."}
    body = "".join(written_[piece] if isinstance(piece, Wild) else quoted(piece) for piece in normal(test))
    return _searched(test.field, expression(rf"(?s)\A{body}\z"), test.cased)


def quoted(text: str) -> str:
    """Return a text as an expression that matches it alone, in the syntax that RE2 and hyperscan share."""
    return "".join(c if c.isalnum() or ord(c) > 127 or c == "_" else f"\\x{ord(c):02x}" for c in text)


def _plain(field: str, shape: str, texts: Sequence[str], cased: bool) -> Check:
    read = Event.raw if cased else Event.folded
    if shape == "is":
        values = frozenset(texts)
        return lambda event: read(event, field) in values
    if shape == "contains":
        return _contains(field, texts, cased)
    many = tuple(texts)
    if shape == "begins":
        return lambda event: (value := read(event, field)) is not None and value.startswith(many)
    return lambda event: (value := read(event, field)) is not None and value.endswith(many)


def _contains(field: str, texts: Sequence[str], cased: bool) -> Check:
    read = Event.raw if cased else Event.folded
    if len(texts) > FEW and all(texts):
        return _searched(field, expression("|".join(map(quoted, texts))), cased)
    if len(texts) == 1:
        text = texts[0]
        return lambda event: (value := read(event, field)) is not None and text in value

    def some(event: Event) -> bool:
        value = read(event, field)
        return value is not None and any(text in value for text in texts)

    return some


def _searched(field: str, found: _Found, cased: bool) -> Check:
    read = Event.raw if cased else Event.folded
    search = found.search

    def check(event: Event) -> bool:
        value = read(event, field)
        if value is None:
            return False
        try:
            return search(value) is not None
        except UnicodeEncodeError:  # a lone surrogate, from JSON
            return search(value.encode("utf-8", "replace").decode()) is not None

    return check


def _number(field: str, value: float) -> Check:
    text = written(value)
    if field == TEXT:
        return lambda event: text in event.text
    return lambda event: (
        (found := event.raw(field)) is not None and (found == text or event.number(field) == value)
    )


def _compare(field: str, holds: Callable[[float, float], bool], value: float) -> Check:
    return lambda event: (found := event.number(field)) is not None and holds(found, value)


def _network(field: str, cidr: str) -> Check:
    network = ipaddress.ip_network(cidr, strict=False)

    def check(event: Event) -> bool:
        text = event.raw(field)
        if not text or len(text) > _LONGEST_ADDRESS:
            return False
        try:
            return ipaddress.ip_address(text) in network
        except ValueError:
            return False

    return check


def _same(test: Same) -> Check:
    field, other = test.field, test.other
    compare = _LIKE[test.begins, test.ends]

    def check(event: Event) -> bool:
        one, two = event.folded(field), event.folded(other)
        return one is not None and two is not None and compare(one, two)

    return check
