"""What a drill is asked to hold: the single value of a statement compared with what the plan says. Pure."""

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from vedette.wire.backup import Assertion, Check

_COMPARES: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def held(asked: Assertion, value: object) -> Check:
    """Compare a value with what was asked: as numbers where both are some, else as texts (equal or not)."""
    compare = _COMPARES.get(asked.is_)
    if compare is None:
        return _check(
            asked, passed=False, text=f"{asked.is_!r} compares nothing: use one of {', '.join(_COMPARES)}"
        )
    if value is None:
        return _check(asked, passed=False, text="it has no value")
    one, other = _number(value), _number(asked.value)
    if one is not None and other is not None:
        return _check(asked, passed=compare(one, other), text=f"{value} {asked.is_} {asked.value}")
    if asked.is_ in {"=", "==", "!="}:
        return _check(
            asked,
            passed=(str(value) == asked.value) == (asked.is_ != "!="),
            text=f"{str(value)[:200]!r} {asked.is_} {asked.value!r}",
        )
    return _check(asked, passed=False, text=f"{str(value)[:200]!r} is no number")


def _check(asked: Assertion, *, passed: bool, text: str) -> Check:
    return Check(name=asked.name, passed=passed, text=f"{text}.")


def _number(value: object) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
