"""How times, durations, numbers and sizes read: pure functions from values to plain words."""

import datetime as dt
import functools
import zoneinfo

NB = "\u00a0"
THIN = "\u202f"
DAY = 86_400.0


def duration(seconds: float) -> str:
    """Return a length of time in at most two units, to the nearest: `250 ms`, `17 min 30 s`, `3 h 5 min`, `9 d`.

    Sentences that come from elsewhere round likewise (`wire/agent/deciding/spelling.py`), for both stand on one page.
    """
    if 0 < seconds < 0.9995:  # what rounds to a second is one
        return f"{max(1, round(seconds * 1000))}{NB}ms"
    exact = 60 if seconds >= 3600 else 1
    whole = max(0, round(seconds / exact) * exact)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86_400
    if days >= 2:
        return f"{days}{NB}d"
    if hours:
        return f"{hours}{NB}h" + (f"{NB}{minutes % 60}{NB}min" if minutes % 60 else "")
    if minutes:
        return f"{minutes}{NB}min" + (f"{NB}{whole % 60}{NB}s" if whole % 60 else "")
    return f"{whole}{NB}s"


def ago(at: float, now: float, zone: str = "UTC") -> str:
    """Return how long ago an instant was; from a day on, its date."""
    age = now - at
    if abs(age) < 5:
        return "now"
    if abs(age) >= DAY:
        return date(at, now, zone)
    spelled = _coarse(abs(age))
    return f"{spelled}{NB}ago" if age > 0 else f"in{NB}{spelled}"


def date(at: float, now: float, zone: str = "UTC") -> str:
    """Return the day, and in another year the year: `14 Nov, 09:12`, `14 Nov 2025`."""
    moment, today = local(at, zone), local(now, zone)
    text = f"{moment.day}{NB}{moment:%b}"
    return f"{text}{NB}{moment.year}" if moment.year != today.year else f"{text}, {moment:%H:%M}"


def exact(at: float, zone: str = "UTC") -> str:
    """Return an instant in full: `25 Nov 2026, 03:17:04 UTC`."""
    moment = local(at, zone)
    return f"{moment.day} {moment:%b %Y, %H:%M:%S} {moment.tzname()}"


def clock(at: float, zone: str = "UTC") -> str:
    """Return the time of day: `03:17`."""
    return f"{local(at, zone):%H:%M}"


def clock_seconds(at: float, zone: str = "UTC") -> str:
    """Return the time of day to the second: `21:03:10`."""
    return f"{local(at, zone):%H:%M:%S}"


def local(at: float, zone: str) -> dt.datetime:
    """Return an instant in a time zone."""
    return dt.datetime.fromtimestamp(at, zone_of(zone))


@functools.lru_cache(maxsize=256)
def zone_of(name: str) -> dt.tzinfo:
    """Return a time zone by its IANA name, or UTC when there is no such zone."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return dt.UTC


def number(value: float) -> str:
    """Return a number with thin spaces between thousands: `1 491`, `0.25`."""
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.2f}".rstrip("0").rstrip(".").replace(",", THIN)
    return f"{int(value):,}".replace(",", THIN)


def short(value: float) -> str:
    """Return a number in at most four signs: `999`, `1.4k`, `23k`, `2M`."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            scaled = value / size
            return (f"{scaled:.1f}".rstrip("0").rstrip(".") if scaled < 10 else f"{int(scaled)}") + unit
    return number(value)


def size(count: float) -> str:
    """Return a number of bytes: `812 bytes`, `7.4 KB`, `1.2 GB`."""
    if count < 1000:
        return f"{int(count)}{NB}bytes"
    for limit, unit in ((1e6, "KB"), (1e9, "MB"), (1e12, "GB")):
        if count < limit:
            return f"{count * 1000 / limit:.1f}".removesuffix(".0") + NB + unit
    return f"{count / 1e12:.1f}{NB}TB"


def percent(share: float) -> str:
    """Return a share (0 to 1) as per cent: `71 %`, `<1 %`."""
    if 0 < share < 0.01:
        return f"<1{NB}%"
    return f"{min(99, round(share * 100)) if share < 1 else 100}{NB}%"


def initials(name: str) -> str:
    """Return up to two letters for an avatar."""
    words = [w for w in name.replace("@", " ").split() if w]
    picked = words[0][:2] if len(words) == 1 else "".join(w[0] for w in (words[:1] + words[-1:]))
    return picked.upper() or "?"


def _coarse(seconds: float) -> str:
    """Return a length of time in hours and minutes at most, for ages that nobody counts to the second."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}{NB}s"
    if whole < 3600:
        return f"{whole // 60}{NB}min"
    minutes = whole // 60 % 60
    return f"{whole // 3600}{NB}h" + (f"{NB}{minutes}{NB}min" if minutes else "")
