"""Amounts and instants of a search, as people write them: `>100`, `10..50`, `<1h`, `2026-11-24`. Pure.

Each value names a stretch: 7 is 7 up to 8, a date is its day (UTC). A comparison then needs no cases: above a stretch
is from its end on, up to it is below its end. All stretches are half open (`low` <= x < `high`).
"""

import re
from collections.abc import Callable

import msgspec

from vedette.core.clock import parse_iso

NUMBERS = "Write a number such as 100, >100, <=5 or 10..50."
INSTANTS = (
    "Write how long ago, such as <1h, >2d or 1d..7d, or a day (UTC) such as 2026-11-24, >=2026-11-24 or"
    " 2026-11-20..2026-11-24."
)
TURNED = "The range is the wrong way round: the smaller value stands first."
_DAY = 86_400.0
_UNITS = {"m": 60.0, "min": 60.0, "h": 3_600.0, "d": _DAY, "w": 7 * _DAY}
_COMPARED = re.compile(r"(>=|<=|>|<)?(.+)", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,12}")
_AGO = re.compile(r"([0-9]{1,5})(min|m|h|d|w)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?")
Stretch = tuple[float, float]


class Between(msgspec.Struct, frozen=True):
    """What is asked for: `low` <= x < `high`; None = no bound."""

    low: float | None
    high: float | None


def numbers(text: str) -> Between:
    """Return the whole numbers a text asks for; raises `ValueError` that says what to write."""
    return _between(text, _number, NUMBERS)


def instants(text: str, now: float) -> Between:
    """Return the instants a text asks for; raises `ValueError` that says what to write.

    `<1h` is less than an hour ago and so is `1h`; `>2d` is more than two days ago. Dates compare as dates do:
    `>2026-11-24` is after that day.
    """
    lengths = [_AGO.fullmatch(part) for part in text.lstrip("<>=").split("..")]
    if all(lengths):
        return _ago(text, [now - int(found[1]) * _UNITS[found[2]] for found in lengths if found])
    return _between(text, _date, INSTANTS)


def _ago(text: str, edges: list[float]) -> Between:
    """Return the instants between two lengths of time, or on one side of one."""
    shape = _COMPARED.fullmatch(text)
    sign = shape[1] if shape else None
    if len(edges) == 2 and sign is None:
        return Between(min(edges), max(edges))
    if len(edges) != 1 or text.startswith((">>", "<<", "=")):
        raise ValueError(INSTANTS)
    return Between(None, edges[0]) if sign in {">", ">="} else Between(edges[0], None)


def _between(text: str, read: Callable[[str], Stretch | None], help_: str) -> Between:
    first, dots, last = text.partition("..")
    if dots:
        return _range(first, last, read, help_)
    shape = _COMPARED.fullmatch(text)
    stretch = read(shape[2]) if shape else None
    if shape is None or stretch is None:
        raise ValueError(help_)
    low, high = stretch
    asked = {
        ">": Between(high, None),
        ">=": Between(low, None),
        "<": Between(None, low),
        "<=": Between(None, high),
    }
    return asked.get(shape[1] or "", Between(low, high))


def _range(first: str, last: str, read: Callable[[str], Stretch | None], help_: str) -> Between:
    """Return a range; one of its ends may be left out."""
    low, high = (read(first) if first else None), (read(last) if last else None)
    if (first and low is None) or (last and high is None) or not (first or last):
        raise ValueError(help_)
    if low is not None and high is not None and low[0] > high[0]:
        raise ValueError(TURNED)
    return Between(low[0] if low else None, high[1] if high else None)


def _number(text: str) -> Stretch | None:
    return (float(text), float(text) + 1) if _NUMBER.fullmatch(text) else None


def _date(text: str) -> Stretch | None:
    shape = _DATE.fullmatch(text)
    if shape is None:
        return None
    try:
        start = parse_iso(text)
    except (ValueError, OverflowError):
        return None
    width = _DAY if shape[1] is None else 60.0 if shape[2] is None else 1.0
    return start, start + width
