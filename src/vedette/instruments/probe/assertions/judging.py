"""Does an assertion hold? A pure decision with its reason.

Numbers are compared as numbers, lengths of time (`240h`, `1d`) as milliseconds, all else as text, upper and lower
case apart. What is missing is equal to nothing and neither less nor more.
"""

import operator as op
import re
from collections.abc import Callable, Sequence, Sized

import msgspec

from vedette.instruments.probe.assertions import schema
from vedette.instruments.probe.assertions.facts import MISSING, Facts
from vedette.instruments.probe.assertions.globbing import matches
from vedette.instruments.probe.assertions.tree import (
    Assertion,
    Choice,
    Length,
    Literal,
    Measure,
    Name,
    Operator,
    Pattern,
    Placeholder,
    Presence,
    Schema,
    Subject,
)

Number = int | float

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?")
_LENGTH = re.compile(r"(?:\d{1,12}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h|d|w))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)([a-zµ]+)")
_UNITS = {
    "ns": 1e-6, "us": 1e-3, "µs": 1e-3, "ms": 1.0, "s": 1e3, "m": 60e3, "h": 3.6e6, "d": 86.4e6, "w": 604.8e6,
}  # fmt: skip
_ORDER: dict[Operator, Callable[[Number, Number], bool]] = {
    Operator.LESS: op.lt, Operator.AT_MOST: op.le, Operator.MORE: op.gt, Operator.AT_LEAST: op.ge,
}  # fmt: skip
_TIMES = frozenset({Name.CERTIFICATE_EXPIRATION, Name.DOMAIN_EXPIRATION})
_SHOWN = 80


class Judged(msgspec.Struct, frozen=True):
    """Whether an assertion holds, and why not."""

    holds: bool
    reason: str = ""


def first_broken(assertions: Sequence[Assertion], facts: Facts) -> tuple[int, str] | None:
    """Return the number (from 1) of the first assertion that does not hold, with the reason; None when all hold."""
    for number, assertion in enumerate(assertions, 1):
        judged = judge(assertion, facts)
        if not judged.holds:
            return number, judged.reason
    return None


def judge(assertion: Assertion, facts: Facts) -> Judged:
    """Decide one assertion."""
    left = value(assertion.left, facts)
    holds, why = _compare(left, assertion.operator, assertion.right, facts)
    if holds:
        return Judged(True)
    return Judged(False, f"{assertion.text} does not hold: {why or _found(assertion.left, left)}.")


def value(side: Subject, facts: Facts) -> object:
    """Return what a side of an assertion stands for, `MISSING` when it is not there."""
    match side:
        case Literal(text):
            return text
        case Presence(of):
            return value(of, facts) is not MISSING
        case Length(of):
            inner = _measured(of, facts)
            return len(inner) if isinstance(inner, Sized) else MISSING
        case Placeholder(name, path):
            return _placed(name, path, facts)


def _measured(of: Placeholder, facts: Facts) -> object:
    """Return what `len()` counts: members of a body that is a JSON list or object, else characters."""
    whole = of == Placeholder(Name.BODY) and isinstance(facts.json, list | dict)
    return facts.json if whole else value(of, facts)


def _placed(name: Name, path: tuple[str | int, ...], facts: Facts) -> object:
    if name is Name.BODY:
        return _inside(facts.json, path) if path else facts.text
    if name is Name.HEADER:
        return facts.headers.get(str(path[0]).lower(), MISSING)
    found = {
        Name.STATUS: facts.status,
        Name.RESPONSE_TIME: facts.response_ms,
        Name.CERTIFICATE_EXPIRATION: facts.certificate_ms,
        Name.DOMAIN_EXPIRATION: facts.domain_ms,
        Name.IP: facts.address,
        Name.CONNECTED: facts.connected,
        Name.DNS_RCODE: facts.rcode,
    }[name]
    return MISSING if found is None else found


def _inside(found: object, path: tuple[str | int, ...]) -> object:
    for step in path:
        found = _member(found, step)
    return found


def _member(found: object, step: str | int) -> object:
    if isinstance(found, dict):
        return found.get(step, MISSING)
    if isinstance(found, list) and isinstance(step, int) and step < len(found):
        return found[step]
    return MISSING


def _compare(left: object, operator: Operator, right: Measure, facts: Facts) -> tuple[bool, str]:
    if isinstance(right, Schema):
        return _fits(facts.json if isinstance(left, str) and left is facts.text else left, operator, right)
    if isinstance(right, Pattern | Choice):
        met = left is not MISSING and _meets(left, right)
        return met == (operator is Operator.EQUAL), ""
    other = value(right, facts)
    if operator in _ORDER:
        return _ordered(left, operator, other)
    if operator in {Operator.CONTAINS, Operator.LACKS}:
        return _contains(left, other) == (operator is Operator.CONTAINS), ""
    return equal(left, other) == (operator is Operator.EQUAL), ""


def _fits(left: object, operator: Operator, right: Schema) -> tuple[bool, str]:
    if left is MISSING:
        return operator is Operator.UNEQUAL, "the body has no such part, or is no JSON"
    wrong = schema.mismatch(right.text, left)
    return (wrong is None) == (operator is Operator.EQUAL), wrong or "the body is as the schema says"


def _ordered(left: object, operator: Operator, right: object) -> tuple[bool, str]:
    first, second = number(left), number(right)
    if left is MISSING:
        return False, ""
    if first is None or second is None:
        return False, f"{_shown(left if first is None else right)} is no number"
    return _ORDER[operator](first, second), ""


def _meets(left: object, measure: Literal | Pattern | Choice) -> bool:
    match measure:
        case Choice(of):
            return any(_meets(left, member) for member in of)
        case Pattern(text):
            return matches(text, as_text(left))
        case Literal(text):
            return equal(left, text)


def _contains(left: object, right: object) -> bool:
    if left is MISSING or right is MISSING:
        return False
    if isinstance(left, list):
        return any(equal(member, right) for member in left)
    if isinstance(left, dict):
        return as_text(right) in left
    return as_text(right) in as_text(left)


def equal(left: object, right: object) -> bool:
    """Tell whether two values are equal: as numbers where both are, else as text."""
    if left is MISSING or right is MISSING:
        return False
    first, second = number(left), number(right)
    if first is not None and second is not None:
        return first == second
    return as_text(left) == as_text(right)


def number(found: object) -> Number | None:
    """Return a value as a number, a length of time as milliseconds; None when it is neither."""
    if isinstance(found, bool):
        return None
    if isinstance(found, int | float):
        return found
    if not isinstance(found, str):
        return None
    text = found.strip()
    if _NUMBER.fullmatch(text):
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    if _LENGTH.fullmatch(text):
        return sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(text))
    return None


def as_text(found: object) -> str:
    """Return a value as text, as JSON writes it but for the quotes of a text."""
    return found if isinstance(found, str) else msgspec.json.encode(found).decode()


def _found(side: Subject, found: object) -> str:
    if found is MISSING:
        return _why_missing(side)
    if isinstance(side, Placeholder) and side.name in _TIMES and isinstance(found, float):
        return f"it is {found / 3.6e6:.1f}h"
    return f"it is {_shown(found)}"


def _why_missing(side: Subject) -> str:
    place = side.of if isinstance(side, Length | Presence) else side
    if isinstance(place, Placeholder):
        return {
            Name.BODY: "the body has no such part, or is no JSON",
            Name.HEADER: "there is no such header",
            Name.CERTIFICATE_EXPIRATION: "no certificate was shown",
            Name.DOMAIN_EXPIRATION: "no registry said until when the domain is registered",
        }.get(place.name, "there was none")
    return "there is nothing"


def _shown(found: object) -> str:
    if found is MISSING:
        return "what is missing"
    if isinstance(found, float):
        return f"{found:.1f}"
    text = " ".join(as_text(found)[: 4 * _SHOWN].split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
