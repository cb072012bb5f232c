"""Sizes, spans and counts as people read them. Pure."""

_UNITS = ("bytes", "KB", "MB", "GB", "TB", "PB")
_STEP = 1_000
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def size(amount: float) -> str:
    """Return bytes as `3 bytes`, `1.5 MB`, `810 GB` (units of 1,000)."""
    value = float(amount)
    for unit in _UNITS[:-1]:
        if round(value) < _STEP:
            return f"{_short(value)} {unit if value != 1 else unit.removesuffix('s')}"
        value /= _STEP
    return f"{_short(value)} {_UNITS[-1]}"


def span(seconds: float) -> str:
    """Return seconds as `0.4 s`, `4 min 12 s`, `3 h 5 min`, `2 d 4 h`."""
    if seconds < 10:
        return f"{_short(max(0.0, seconds))} s"
    whole = round(seconds)
    days, rest = divmod(whole, _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes, rest = divmod(rest, _MINUTE)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next(place for place, (value, _) in enumerate(parts) if value)
    return " ".join(f"{value} {unit}" for value, unit in parts[first : first + 2] if value)


def count(number: int, noun: str) -> str:
    """Return `1 file`, `1,234 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if value < 10 else f"{value:.0f}"
