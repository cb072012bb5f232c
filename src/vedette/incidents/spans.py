"""How times read in sentences. Pure: lengths in at most two units, and wall times of UTC."""

from vedette.core.clock import to_datetime

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def span(seconds: float) -> str:
    """Return a length of time: `42 s`, `17 min 30 s`, `3 h 5 min`, `9 d 2 h`."""
    whole = max(0, round(seconds))
    place = next((place for place, (size, _) in enumerate(_UNITS) if whole >= size), len(_UNITS) - 1)
    size, word = _UNITS[place]
    said = f"{whole // size} {word}"
    if place + 1 < len(_UNITS):
        under, small = _UNITS[place + 1]
        rest = whole % size // under
        said += f" {rest} {small}" if rest else ""
    return said


def clock(at: float) -> str:
    """Return the time of day in UTC: `02:14 UTC`."""
    return f"{to_datetime(at):%H:%M} UTC"
