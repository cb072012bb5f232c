"""Lengths of time as people write them: `90`, `30 s`, `1h 30m`, `2 d`. Pure."""

import re

_UNITS = {"ms": 0.001, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|sec|s|min|m|h|d|w)?\s*")
_WORDS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def seconds(text: str) -> float | None:
    """Return the seconds a text tells (a bare number is seconds), None for one that tells none."""
    rest, total, parts = text.strip().lower(), 0.0, 0
    while rest:
        found = _PART.match(rest)
        if found is None or (found[2] is None and (parts or found.end() != len(rest))):
            return None
        total += float(found[1]) * _UNITS[found[2] or "s"]
        rest, parts = rest[found.end() :], parts + 1
    return total if parts else None


def spelled(value: float) -> str:
    """Return seconds so that `seconds` reads them: `1 h 30 min`, `0.5 s`."""
    if value != int(value) or value == 0:
        return f"{value:g} s"
    parts, left = [], int(value)
    for unit, size in _WORDS:
        n, left = divmod(left, size)
        if n:
            parts.append(f"{n} {unit}")
    return " ".join(parts)
