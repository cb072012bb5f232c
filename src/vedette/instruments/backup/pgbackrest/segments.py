"""Names of WAL segments: which are needed from a backup on, and whether one is missing. Pure.

A name is three numbers of eight hexadecimal digits: timeline, and the position in two parts, of which the second counts to
4 GiB in steps of the segment's size. Source: "Continuous Archiving" and "WAL Internals" of PostgreSQL's documentation.
"""

import re
from collections.abc import Iterable, Sequence

_NAME = re.compile(r"([0-9A-F]{24})-[0-9a-f]{40}(?:\.[a-z0-9]+)?$")
_HISTORY = re.compile(r"([0-9A-F]{8}\.history)$")
_SPAN = 1 << 32


def archived(paths: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the segments and the histories of timelines among the files of an archive, in order."""
    names = [path.rpartition("/")[2] for path in paths]
    segments = {found[1] for name in names if (found := _NAME.match(name))}
    histories = {found[1] for name in names if (found := _HISTORY.match(name))}
    return tuple(sorted(segments)), tuple(sorted(histories))


def needed(names: Sequence[str], start: str, stop: str | None) -> tuple[str, ...]:
    """Return the segments from the first one a backup needs to the last, of its timeline and of those that follow it."""
    return tuple(
        name
        for name in names
        if name[:8] >= start[:8] and name[8:] >= start[8:] and (stop is None or name[8:] <= stop[8:])
    )


def gap(names: Sequence[str], start: str, size: int) -> str:
    """Return the first segment that is missing between the first one needed and the last one there; empty for none.

    Recovery would end there without a word, and what came after would be lost. Timelines are followed where they begin.
    """
    there = {_position(name, size) for name in names}
    if not there:
        return start
    first = _position(start, size)
    missing = next((place for place in range(first, max(there) + 1) if place not in there), None)
    return "" if missing is None else _name(start[:8], missing, size)


def _position(name: str, size: int) -> int:
    return int(name[8:16], 16) * (_SPAN // size) + int(name[16:24], 16)


def _name(timeline: str, place: int, size: int) -> str:
    high, low = divmod(place, _SPAN // size)
    return f"{timeline}{high:08X}{low:08X}"
