"""Recurrence rules (RFC 5545, 3.3.10), by the day: what shifts are written with. Pure, and bounded.

A rule is walked period by period, and each period (a day, a week, a month, a year) has a known number of days: a rule
that never fits ends when its budget is spent. Rules by the hour or by the number of the week are refused by name.
"""

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterator

import msgspec

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_LISTS = {"BYMONTH": (1, 12), "BYMONTHDAY": (-31, 31), "BYYEARDAY": (-366, 366), "BYSETPOS": (-366, 366)}
_KNOWN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST", *_LISTS})
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_MOST = 10_000


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule taken apart. `days` are (which of the period or 0 for each, weekday); `until` as it was written."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: str = ""
    days: tuple[tuple[int, int], ...] = ()
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    places: tuple[int, ...] = ()
    week_start: int = 0


class Budget:
    """How many days may still be looked at, for all rules of a calendar together; `spend` raises `ValueError` when none is left."""

    def __init__(self, days: int) -> None:
        self._left = days

    def spend(self, days: int) -> None:
        """Take days off."""
        self._left -= days
        if self._left < 0:
            raise ValueError("its recurrences are more than can be looked at; narrow them by UNTIL or COUNT")


def parsed(value: str) -> Rule:
    """Return a rule; raises `ValueError` with what is wrong."""
    parts = {}
    for part in value.strip().rstrip(";").split(";"):
        name, equals, given = part.partition("=")
        if not equals or not given or name.upper() in parts:
            raise ValueError(f"{part[:40]!r} is no part of a rule")
        parts[name.upper()] = given.upper()
    unknown = sorted(parts.keys() - _KNOWN)
    if unknown:
        raise ValueError(f"{unknown[0][:20]} is not understood")
    if parts.get("FREQ") not in _FREQUENCIES:
        raise ValueError("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("COUNT and UNTIL exclude each other")
    return _made(parts)


def starts(
    rule: Rule, first: dt.datetime, window: tuple[dt.datetime, dt.datetime], budget: Budget
) -> Iterator[dt.datetime]:
    """Yield the wall times at which a rule that begins at `first` comes, from the window's start to before its end.

    `until` is the caller's to apply (it needs the zone). Raises `ValueError` when the budget is spent.
    """
    begin, end = window
    told, period = 0, _skipped(rule, first.date(), begin.date()) if rule.count is None else 0
    while rule.count is None or told < rule.count:
        monday = _opens(rule, first.date(), period)
        if monday is None or monday > end.date():
            return
        for day in _chosen(rule, first.date(), monday, budget):
            at = dt.datetime.combine(day, first.time())
            if at < first:
                continue
            if at >= end or (rule.count is not None and told >= rule.count):
                return
            told += 1
            if at >= begin:
                yield at
        period += 1


def _made(parts: dict[str, str]) -> Rule:
    lists = {name: _numbers(parts, name) for name in _LISTS}
    rule = Rule(
        frequency=parts["FREQ"], interval=_number(parts, "INTERVAL", 1) or 1, count=_number(parts, "COUNT", None),
        until=parts.get("UNTIL", ""), days=_days(parts.get("BYDAY", "")), months=lists["BYMONTH"],
        month_days=lists["BYMONTHDAY"], year_days=lists["BYYEARDAY"], places=lists["BYSETPOS"],
        week_start=_weekday(parts.get("WKST", "MO")),
    )  # fmt: skip
    if rule.frequency in {"DAILY", "WEEKLY"} and any(which for which, _ in rule.days):
        raise ValueError("BYDAY counts weekdays only in rules by the month or year")
    if (rule.frequency == "WEEKLY" and rule.month_days) or (rule.frequency != "YEARLY" and rule.year_days):
        raise ValueError("this rule does not go with BYMONTHDAY or BYYEARDAY")
    return rule


def _number(parts: dict[str, str], name: str, none: int | None) -> int | None:
    if name not in parts:
        return none
    given = parts[name]
    if not given.isascii() or not given.isdecimal() or not 1 <= int(given[:6]) <= _MOST or len(given) > 5:
        raise ValueError(f"{name} must be a number from 1 to {_MOST}")
    return int(given)


def _numbers(parts: dict[str, str], name: str) -> tuple[int, ...]:
    low, high = _LISTS[name]
    found = []
    for text in parts[name].split(",") if name in parts else ():
        if re.fullmatch(r"[+-]?[0-9]{1,3}", text) is None or not low <= int(text) <= high or int(text) == 0:
            raise ValueError(f"{name} must be numbers up to {high}, not {text[:10]!r}")
        found.append(int(text))
    return tuple(dict.fromkeys(found))


def _days(given: str) -> tuple[tuple[int, int], ...]:
    found = []
    for text in given.split(",") if given else ():
        fits = _BYDAY.fullmatch(text)
        if fits is None or (fits[1] and not 1 <= abs(int(fits[1])) <= 53):
            raise ValueError(f"BYDAY must be weekdays such as MO or 1FR, not {text[:10]!r}")
        found.append((int(fits[1] or 0), _WEEKDAYS.index(fits[2])))
    return tuple(dict.fromkeys(found))


def _weekday(given: str) -> int:
    if given not in _WEEKDAYS:
        raise ValueError(f"WKST must be a weekday, not {given[:10]!r}")
    return _WEEKDAYS.index(given)


def _skipped(rule: Rule, first: dt.date, begin: dt.date) -> int:
    """Return how many periods surely lie before the window."""
    days = max(0, (begin - first).days - 1)
    longest = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}[rule.frequency]
    return max(0, days // (longest * rule.interval) - 1)


def _opens(rule: Rule, first: dt.date, period: int) -> dt.date | None:
    """Return the first day of a period; None after the last year there is."""
    step = period * rule.interval
    try:
        if rule.frequency == "DAILY":
            return first + dt.timedelta(days=step)
        if rule.frequency == "WEEKLY":
            return (
                first - dt.timedelta(days=(first.weekday() - rule.week_start) % 7) + dt.timedelta(weeks=step)
            )
        if rule.frequency == "MONTHLY":
            months = first.year * 12 + first.month - 1 + step
            return dt.date(months // 12, months % 12 + 1, 1)
        return dt.date(first.year + step, 1, 1)
    except (OverflowError, ValueError):
        return None


def _chosen(rule: Rule, first: dt.date, opens: dt.date, budget: Budget) -> list[dt.date]:
    found = _PERIODS[rule.frequency](rule, first, opens, budget)
    if not rule.places:
        return found
    placed = {place - 1 if place > 0 else len(found) + place for place in rule.places}
    return [day for place, day in enumerate(found) if place in placed]


def _daily(rule: Rule, first: dt.date, opens: dt.date, budget: Budget) -> list[dt.date]:  # noqa: ARG001 - one of four
    budget.spend(1)
    fits = _in_months(rule, opens) and _on_month_day(rule, opens)
    return [opens] if fits and (not rule.days or (0, opens.weekday()) in rule.days) else []


def _weekly(rule: Rule, first: dt.date, opens: dt.date, budget: Budget) -> list[dt.date]:
    budget.spend(7)
    wanted = {weekday for _, weekday in rule.days} or {first.weekday()}
    days = (opens + dt.timedelta(days=n) for n in range(7))
    return [day for day in days if day.weekday() in wanted and _in_months(rule, day)]


def _monthly(rule: Rule, first: dt.date, opens: dt.date, budget: Budget) -> list[dt.date]:
    days = _month(opens)
    budget.spend(len(days))
    return _of_month(rule, first, days) if _in_months(rule, opens) else []


def _yearly(rule: Rule, first: dt.date, opens: dt.date, budget: Budget) -> list[dt.date]:
    days = [day for month in range(1, 13) for day in _month(opens.replace(month=month))]
    budget.spend(len(days))
    if rule.months or rule.month_days or not (rule.days or rule.year_days):
        months = rule.months or (range(1, 13) if rule.month_days else (first.month,))
        inside = [_month(opens.replace(month=month)) for month in sorted(months)]
        found = [day for month in inside for day in _of_month(rule, first, month)]
    else:
        found = [day for day in days if not rule.days or _counted(rule, day, days)]
    return [day for day in found if not rule.year_days or _on_year_day(rule, day, len(days))]


def _of_month(rule: Rule, first: dt.date, days: list[dt.date]) -> list[dt.date]:
    if not rule.days and not rule.month_days and not rule.year_days:
        return [day for day in days if day.day == first.day]
    return [day for day in days if _on_month_day(rule, day) and (not rule.days or _counted(rule, day, days))]


def _counted(rule: Rule, day: dt.date, days: list[dt.date]) -> bool:
    """Tell whether a day is one of the rule's weekdays: each of them, or the n-th of the days from the front or the back."""
    place = (day - days[0]).days // 7 + 1
    back = -((days[-1] - day).days // 7 + 1)
    return any((which, day.weekday()) in rule.days for which in (0, place, back))


def _in_months(rule: Rule, day: dt.date) -> bool:
    return not rule.months or day.month in rule.months


def _on_month_day(rule: Rule, day: dt.date) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    return not rule.month_days or bool({day.day, day.day - last - 1} & set(rule.month_days))


def _on_year_day(rule: Rule, day: dt.date, length: int) -> bool:
    number = day.timetuple().tm_yday
    return bool({number, number - length - 1} & set(rule.year_days))


def _month(opens: dt.date) -> list[dt.date]:
    return [opens.replace(day=n + 1) for n in range(calendar.monthrange(opens.year, opens.month)[1])]


_PERIODS: dict[str, Callable[[Rule, dt.date, dt.date, Budget], list[dt.date]]] = {
    "DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly,
}  # fmt: skip
