"""Whether a source fell silent: no line for longer than ever before, or than its owner says. Pure; `now` is passed in."""

from vedette.instruments.logs.sources.types import Rhythm

_LEARNT = 86_400.0  # seconds a source is watched before its own rhythm says anything
_LINES = 50
_LEAST = 3_600.0
_MARGIN = 2.0  # times the longest silence there was
_FORGETS = 0.999  # of the longest silence, a day: what was once a holiday does not count for ever


def heard(rhythm: Rhythm, lines: int, now: float) -> Rhythm:
    """Return the rhythm after lines came."""
    if not rhythm.last:
        return Rhythm(since=rhythm.since or now, last=now, lines=lines)
    gap = max(0.0, now - rhythm.last)
    longest = max(rhythm.longest * _FORGETS ** (gap / 86_400.0), gap)
    return Rhythm(rhythm.since, max(now, rhythm.last), rhythm.lines + lines, longest, told=False)


def patience(rhythm: Rhythm, configured: float, now: float) -> float:
    """Return the seconds without a line after which a source is silent; 0 when that cannot be told yet."""
    if configured:
        return configured
    if not rhythm.since or now - rhythm.since < _LEARNT or rhythm.lines < _LINES:
        return 0.0
    return max(_LEAST, rhythm.longest * _MARGIN)


def silent(rhythm: Rhythm, configured: float, now: float) -> bool:
    """Tell whether a source is silent now."""
    bearable = patience(rhythm, configured, now)
    return bool(bearable) and now - (rhythm.last or rhythm.since or now) > bearable


def sentence(source: str, rhythm: Rhythm, now: float) -> str:
    """Return what a person is told of a silent source."""
    asked = "Is its program running, and does it still write there?"
    if not rhythm.last:
        return f"{source} has had no line since it is followed, for {_length(now - rhythm.since)}. {asked}"
    return f"{source} has had no line for {_length(now - rhythm.last)}; the longest before was {_length(rhythm.longest)}. {asked}"


def _length(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3600:.0f} h"
