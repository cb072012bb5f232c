"""Durations as policies write them: `30s`, `5m`, `2h`, `7d`, `1w`, `1y`."""

import functools
import re

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_SHAPE = re.compile(r"(\d{1,6})([smhdwy])")
MEANT = "a duration such as 30s, 5m, 2h, 7d, 1w or 1y"


def seconds(text: str) -> int | None:
    """Return the seconds of a duration, a year being 365 days; None when it is none."""
    match = _SHAPE.fullmatch(text)
    return int(match[1]) * _SECONDS[match[2]] if match else None


@functools.lru_cache(256)
def certain(text: str) -> int:
    """Return the seconds of a duration that was checked before. Raise ValueError when it was not."""
    value = seconds(text)
    if value is None:
        raise ValueError(f"{text!r} is not {MEANT}")
    return value
