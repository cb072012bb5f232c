"""What a plan asserts of a restored database: the first value of a query, compared. Pure."""

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from vedette.wire.backup import Assertion, Check

_EQUAL: Mapping[str, Callable[[object, object], bool]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
}
_SIGNS: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    **_EQUAL, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def judge(asked: Assertion, value: str) -> Check:
    """Return whether a value is what was asserted: numbers as numbers, all else as text and only for (un)equal."""
    sign = _SIGNS.get(asked.is_)
    if sign is None:
        return _told(asked, False, f"{asked.is_!r} is no comparison; there are {' '.join(_SIGNS)}.")
    left, right = _number(value), _number(asked.value)
    if left is not None and right is not None:
        return _told(asked, sign(left, right), f"{value} {asked.is_} {asked.value}")
    if equal := _EQUAL.get(asked.is_):
        return _told(asked, equal(value, asked.value), f"{value[:80]!r} {asked.is_} {asked.value[:80]!r}")
    return _told(asked, False, f"{value[:80]!r} is no number: it cannot be compared with {asked.value}.")


def refused(asked: Assertion, why: str) -> Check:
    """Return the check of an assertion that could not be asked."""
    return _told(asked, False, why)


def _told(asked: Assertion, passed: bool, text: str) -> Check:
    return Check(
        name=asked.name,
        passed=passed,
        text=text if text.endswith(".") else f"{text}: {'yes' if passed else 'no'}.",
    )


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
