"""Whether another event may come in: quotas by the minute and by the day, decided before the journal."""

import math

import msgspec

from vedette.intake.ports import ProjectKey

MINUTE = 60.0
DAY = 86_400.0


class Window(msgspec.Struct, frozen=True):
    """What came lately: events of the running minute, of the one before, and of the UTC day."""

    minute: int = 0
    current: int = 0
    previous: int = 0
    day: int = 0


class Admission(msgspec.Struct, frozen=True):
    """A decision and its reason. `retry_after` is in whole seconds, at least 1 when refused, else 0."""

    allowed: bool
    retry_after: int = 0
    reason: str = ""


ADMITTED = Admission(allowed=True)


def admit(key: ProjectKey, window: Window, now: float, n: int = 1, default_per_minute: int = 0) -> Admission:
    """Decide whether `n` more events may come in through a key at `now`.

    The minute slides: the rate is the running minute's count plus the share of the previous minute that a
    window of 60 seconds still covers. `default_per_minute` guards keys without a quota of their own (0 = not).
    """
    if key.per_day is not None and window.day + n > key.per_day:
        return Admission(allowed=False, retry_after=_seconds(DAY - now % DAY), reason="daily_quota")
    per_minute = default_per_minute if key.per_minute is None else key.per_minute
    reason = "abuse_limit" if key.per_minute is None else "minute_quota"
    if (key.per_minute is None and not default_per_minute) or _rate(window, now) + n <= per_minute:
        return ADMITTED
    return Admission(allowed=False, retry_after=_wait(window, now, per_minute - n), reason=reason)


def at(window: Window, now: float) -> Window:
    """Return the window as of `now`: minutes that have gone by slide out."""
    minute = int(now // MINUTE)
    if minute == window.minute:
        return window
    previous = window.current if minute == window.minute + 1 else 0
    return Window(minute, 0, previous, window.day)


def _rate(window: Window, now: float) -> float:
    return window.current + window.previous * (1 - now % MINUTE / MINUTE)


def _wait(window: Window, now: float, room: int) -> int:
    """Return the seconds until the rate has come down to `room`."""
    gone = now % MINUTE
    if room >= window.current and window.previous:
        return _seconds(MINUTE * (1 - (room - window.current) / window.previous) - gone)
    left = MINUTE - gone
    return _seconds(left + MINUTE * (1 - max(0, room) / max(1, window.current)))


def _seconds(duration: float) -> int:
    return max(1, math.ceil(duration))
