"""Durations for people, and people's for us."""

import re

from vedette.agent.deciding.types import DAY, HOUR, MINUTE
from vedette.core.errors import Invalid

_UNITS = {"s": 1.0, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_PART = re.compile(r"(\d{1,9})(min|[smhdw])")
LONGEST = 10 * 366 * DAY


def spelled(seconds: float) -> str:
    """Return a duration in its two largest units: `10 min`, `2 h 40 min`, `7 days`."""
    exact = 60 if seconds >= HOUR else 1  # nobody wants the seconds of hours
    rest = max(0, round(seconds / exact) * exact)
    parts = []
    for size, one, many in ((86400, "day", "days"), (3600, "h", "h"), (60, "min", "min"), (1, "s", "s")):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {one if count == 1 else many}")
    return " ".join(parts[:2]) or "0 s"


def duration(text: str) -> float:
    """Return the seconds that `90s`, `10min`, `4h`, `2d12h` name; raises `Invalid` for anything else and for over ten years."""
    bare = text.strip().lower().replace(" ", "")
    parts = _PART.findall(bare)
    seconds = sum(int(count) * _UNITS[unit] for count, unit in parts)
    if not parts or "".join(count + unit for count, unit in parts) != bare or not 0 < seconds <= LONGEST:
        shown = text[:40] if text.isprintable() else "it"
        raise Invalid(f"{shown} is no duration; write 30min, 4h, 2d12h, and ten years at most.")
    return seconds
