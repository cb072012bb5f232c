"""When is a disk full? By the slope that most pairs of hours agree on (Theil 1950, Sen 1968). Pure.

The median of the slopes between all pairs of points is not moved by a night's backup that comes and goes, nor by one clean-up.
"""

from collections.abc import Sequence
from statistics import median

from vedette.hosts.types import DAY, HOUR, Forecast

LEAST_SPAN, LEAST_POINTS = DAY, 12
MOST_POINTS = 84  # of which all pairs are looked at: 3,486
HORIZON = 365 * DAY
SOON = 7 * DAY
NEARLY = 0.95  # from this share on a disk is nearly full, however slowly it grows
Point = tuple[float, float]  # an instant, bytes used


def forecast(subject: str, points: Sequence[Point], size: float, now: float) -> Forecast:
    """Return when what is used comes to `size`, from the points of the last days, oldest first."""
    used = points[-1][1] if points else 0.0
    grown = _slope(points) if points and points[-1][0] - points[0][0] >= LEAST_SPAN else None
    at = _full(used, size, grown, now)
    per_day = (grown or 0.0) * DAY
    sentence = _sentence(subject, used, size, per_day, None if at is None else at - now)
    return Forecast(subject=subject, used=used, size=size, per_day=per_day, at=at, sentence=sentence)


def is_soon(found: Forecast, now: float) -> bool:
    """Tell whether people have to know of a forecast: full within a week, or nearly full already."""
    return _nearly(found.used, found.size) or (found.at is not None and found.at - now <= SOON)


def is_over(found: Forecast, now: float) -> bool:
    """Tell whether what people know is over: some more room than it takes to be told, so that it does not flap."""
    calm = found.at is None or found.at - now > SOON * 1.5
    return calm and found.used < (NEARLY - 0.02) * found.size


def _full(used: float, size: float, grown: float | None, now: float) -> float | None:
    if size <= 0 or grown is None or grown <= 0:
        return None
    left = (size - used) / grown
    return now + max(0.0, left) if left <= HORIZON else None


def _slope(points: Sequence[Point]) -> float | None:
    """Return bytes a second; None for too few points."""
    chosen = points[:: -(-len(points) // MOST_POINTS)]
    if len(chosen) < LEAST_POINTS:
        return None
    slopes = [
        (used - before) / (at - earlier)
        for n, (at, used) in enumerate(chosen)
        for earlier, before in chosen[:n]
        if at > earlier
    ]
    return median(slopes) if slopes else None


def _nearly(used: float, size: float) -> bool:
    return size > 0 and used >= NEARLY * size


def _sentence(subject: str, used: float, size: float, per_day: float, left: float | None) -> str:
    if size <= 0:
        return f"How large {subject} is is not known."
    now = f"{used / size:.0%} of {_bytes(size)} used"
    if left is None:
        return f"{subject} is nearly full: {now}." if _nearly(used, size) else f"{subject}: {now}."
    grows = f"it grows by {_bytes(per_day)} a day"
    return f"{subject} is full in {_in(left)}: {now}, {grows}."


def _in(seconds: float) -> str:
    if seconds < 2 * HOUR:
        return f"{max(0, round(seconds / 60))} minutes"
    if seconds < 2 * DAY:
        return f"{round(seconds / HOUR)} hours"
    return f"{round(seconds / DAY)} days"


def _bytes(n: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if n < 1000 or unit == "TB":
            break
        n /= 1000
    return f"{n:.0f} {unit}" if n >= 10 or unit == "B" else f"{n:.1f} {unit}"
