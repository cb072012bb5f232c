"""What is usual for an hour of the day and of the week, learnt a point at a time. Pure.

Three guesses compete: the long mean, the mean of this hour of the day, and that of this hour of the week. The one that
erred least of late is what is usual. So a series without a rhythm is not given one, and a weekly rhythm shows as
soon as it tells more than the daily one.
"""

from array import array
from math import isnan

import msgspec

HOUR = 3_600
DAY_SLOTS = 24
WEEK_SLOTS = 168
_MONDAY = 96  # hours from the epoch, a Thursday, to a Monday
_OF_DAY, _OF_WEEK, _OF_ERROR, _OF_LEVEL = 0.05, 0.1, 0.005, 0.003
_WILD = 6.0  # mean errors: what goes beyond does not teach more


def _unknown(n: int) -> "array[float]":
    return array("f", [float("nan")]) * n


class Profile(msgspec.Struct):
    """The mean of each slot (NaN: not seen yet), the mean error by the hour of the day, and the guesses' mean errors."""

    day: "array[float]" = msgspec.field(default_factory=lambda: _unknown(DAY_SLOTS))
    week: "array[float]" = msgspec.field(default_factory=lambda: _unknown(WEEK_SLOTS))
    spread: "array[float]" = msgspec.field(default_factory=lambda: array("f", [0.0]) * DAY_SLOTS)
    level: float = 0.0
    level_error: float = 0.0
    day_error: float = 0.0
    week_error: float = 0.0


def usual(profile: Profile, at: float) -> float:
    """Return what is usual at an instant: the guess that erred least of late."""
    hours = int(at // HOUR)
    best, least = profile.level, profile.level_error
    day, week = profile.day[hours % DAY_SLOTS], profile.week[(hours + _MONDAY) % WEEK_SLOTS]
    if profile.day_error < least and not isnan(day):
        best, least = day, profile.day_error
    if profile.week_error < least and not isnan(week):
        best = week
    return best


def learn(profile: Profile, at: float, value: float, error: float, *, scale: float, n: int) -> None:
    """Learn the nth value of a series; `error` is by how much `usual` was wrong, `scale` a typical distance."""
    hours = int(at // HOUR)
    weight = 1.0 / n
    long = weight if weight > _OF_ERROR / 10 else _OF_ERROR / 10
    profile.level_error += long * (abs(value - profile.level) - profile.level_error)
    _learn_day(profile, hours % DAY_SLOTS, value, scale)
    _learn_week(profile, (hours + _MONDAY) % WEEK_SLOTS, value, scale)
    profile.level += (weight if weight > _OF_LEVEL else _OF_LEVEL) * (value - profile.level)
    spread, slot = profile.spread, hours % DAY_SLOTS
    known = spread[slot]
    spread[slot] = known + _OF_DAY * (min(abs(error), _WILD * known + scale) - known)


def _learn_day(profile: Profile, slot: int, value: float, scale: float) -> None:
    known, error = profile.day[slot], profile.day_error
    if isnan(known):
        profile.day[slot] = value
        profile.day_error = max(error, profile.level_error)
        return
    wrong = abs(value - known)
    most = _WILD * error + scale
    profile.day_error = error + _OF_ERROR * ((wrong if wrong < most else most) - error)
    profile.day[slot] = known + _OF_DAY * (value - known)


def _learn_week(profile: Profile, slot: int, value: float, scale: float) -> None:
    known, error = profile.week[slot], profile.week_error
    if isnan(known):
        profile.week[slot] = value
        profile.week_error = max(error, profile.level_error)
        return
    wrong = abs(value - known)
    most = _WILD * error + scale
    profile.week_error = error + _OF_ERROR * ((wrong if wrong < most else most) - error)
    profile.week[slot] = known + _OF_WEEK * (value - known)
