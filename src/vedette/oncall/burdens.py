"""What does being on call cost whom? Pure: hours, nights and weekends that shifts touch, by the wall clock of their zone."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from vedette.core import zones
from vedette.oncall.types import Load, Shift

NIGHT = ("22:00", "06:00")
_HOUR = 3_600.0
Stretch = tuple[float, float]


def loads(shifts: Iterable[tuple[Shift, str]], pages: Iterable[tuple[int, float]]) -> Mapping[int, Load]:
    """Return what each person bore: `shifts` each with the zone it is read in, `pages` (who, when). Two schedules at once count once."""
    held: dict[int, list[Stretch]] = defaultdict(list)
    nights: dict[int, set[int]] = defaultdict(set)
    weekends: dict[int, set[int]] = defaultdict(set)
    for shift, zone in shifts:
        for user in shift.people:
            held[user].append((shift.starts, shift.ends))
            nights[user] |= _nights(shift, zone)
            weekends[user] |= _weekends(shift, zone)
    paged = Counter(user for user, _ in pages)
    return {
        user: Load(
            user=user, hours=_seconds(held[user]) / _HOUR, nights=len(nights[user]), weekends=len(weekends[user]),
            pages=paged[user],
        )
        for user in sorted({*held, *paged})
    }  # fmt: skip


def sentence(loads: Iterable[Load], names: Mapping[int, str]) -> str:
    """Return who bore the most, in words; empty where nobody bore anything."""
    found = sorted(loads, key=lambda one: -one.hours)
    if not found or not found[0].hours:
        return ""
    most = found[0]
    who, hours = names.get(most.user, "Somebody who left"), round(most.hours)
    if len(found) == 1:
        return f"{who} was on call for all {hours} hours alone."
    usual = sum(one.hours for one in found[1:]) / (len(found) - 1)
    if usual and most.hours >= 1.5 * usual:
        return f"{who} bore the most: {hours} hours, ×{most.hours / usual:.1f} of what the others had."
    return f"It is shared evenly: {who} had the most with {hours} hours."


def _seconds(stretches: list[Stretch]) -> float:
    """Return how long stretches last together, what lies in two of them once."""
    total, reached = 0.0, float("-inf")
    for starts, ends in sorted(stretches):
        total += max(0.0, ends - max(starts, reached))
        reached = max(reached, ends)
    return total


def _nights(shift: Shift, zone: str) -> set[int]:
    """Return the nights (by the day on which each begins) of which a shift holds an hour or more."""
    found = set()
    for day in range(zones.day_of(shift.starts, zone) - 1, zones.day_of(shift.ends, zone) + 1):
        starts, ends = zones.first(day, NIGHT[0], zone), zones.last(day + 1, NIGHT[1], zone)
        if min(ends, shift.ends) - max(starts, shift.starts) >= _HOUR:
            found.add(day)
    return found


def _weekends(shift: Shift, zone: str) -> set[int]:
    """Return the weekends (by their Saturday) of which a shift holds an hour or more."""
    found = set()
    for day in range(zones.day_of(shift.starts, zone), zones.day_of(shift.ends, zone) + 1):
        weekday = dt.date.fromordinal(day).weekday()
        starts, ends = zones.first(day, "00:00", zone), zones.first(day + 1, "00:00", zone)
        if weekday >= 5 and min(ends, shift.ends) - max(starts, shift.starts) >= _HOUR:
            found.add(day - (weekday - 5))
    return found
