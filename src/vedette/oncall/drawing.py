"""Shifts as a row of a calendar: where each begins and how wide it is, in hundredths of the row. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.core import zones
from vedette.oncall import saying, walls
from vedette.oncall.types import Shift

DAYS = 14
_TONES = 3
_ROOM, _NARROW = 6.5, 2.5


class Block(msgspec.Struct, frozen=True):
    """A shift in a row: `x` and `width` in hundredths of it; `tone` is a person's, or says a gap or one's own;
    a short one has no room for its label on a phone."""

    x: str
    width: str
    label: str
    told: str
    tone: str
    is_short: bool = False


class Row(msgspec.Struct, frozen=True):
    """A row of the calendar: its name, its blocks, and its shifts for the table."""

    name: str
    sub: str
    blocks: tuple[Block, ...]
    shifts: tuple[tuple[Shift, str], ...]
    is_final: bool = False


class Day(msgspec.Struct, frozen=True):
    """A day above the rows: where it begins, and its name."""

    x: str
    label: str
    is_weekend: bool


class Range(msgspec.Struct, frozen=True):
    """The time a calendar shows, in the zone it is read in."""

    start: float
    end: float
    zone: str
    now: float

    def share(self, at: float) -> float:
        """Return where an instant lies, in hundredths."""
        return 100 * (min(max(at, self.start), self.end) - self.start) / (self.end - self.start)


def shown(now: float, zone: str, days: int = DAYS, later: int = 0) -> Range:
    """Return the days from today's midnight on, or from `later` days after it."""
    today = zones.day_of(now, zone) + later
    return Range(zones.first(today, "00:00", zone), zones.first(today + days, "00:00", zone), zone, now)


def days(of: Range) -> tuple[Day, ...]:
    """Return the days of a range."""
    first, last = zones.day_of(of.start, of.zone), zones.day_of(of.end - 1, of.zone)
    return tuple(_day(of, day) for day in range(first, last + 1))


def row(  # noqa: PLR0917 - a row, where it stands, and for whom
    name: str,
    sub: str,
    shifts: Sequence[Shift],
    of: Range,
    names: Mapping[int, str],
    me: int,
    *,
    is_final: bool = False,
) -> Row:
    """Return shifts as a row; gaps are drawn in the final row alone, where they matter."""
    drawn = [one for one in shifts if one.people or is_final]
    blocks = tuple(_block(one, of, names, me) for one in drawn)
    table = tuple((one, saying.who(one.people, names)) for one in drawn)
    return Row(name, sub, blocks, table, is_final)


def _block(one: Shift, of: Range, names: Mapping[int, str], me: int) -> Block:
    left, right = of.share(one.starts), of.share(one.ends)
    label = saying.who(one.people, names) if one.people else "Nobody"
    listening = f", {saying.who(one.shadows, names)} listens along" if one.shadows else ""
    until = walls.told(one.ends, of.now, of.zone)
    told = f"{label}{listening}: {walls.told(one.starts, of.now, of.zone)} to {until}"
    width = max(right - left, 0.15)
    return Block(
        f"{left:.2f}", f"{width:.2f}", _fitting(label, width, cut=bool(one.people)), told, _tone(one, me)
    )


def _fitting(label: str, width: float, *, cut: bool) -> str:
    """Return as much of a name as a block of so many hundredths has room for: all, initials (where it may be cut), nothing."""
    if width >= _ROOM:
        return label
    return "".join(part[0] for part in label.split()[:2]).upper() if cut and width >= _NARROW else ""


def _tone(one: Shift, me: int) -> str:
    if not one.people:
        return "gap"
    return "me" if me in one.people else f"p{one.people[0] % _TONES}"


def _day(of: Range, day: int) -> Day:
    at = zones.first(day, "00:00", of.zone)
    moment = zones.local(at, of.zone)
    return Day(f"{of.share(at):.2f}", f"{moment:%a} {moment.day}", moment.weekday() >= 5)
