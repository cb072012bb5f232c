"""A calendar of others as the times of its events. Pure.

A calendar is read whole or not at all: a half of somebody's shifts would be worse than those of yesterday. What is wrong is
said with its line. At most 5,000 events, 5,000 times, 5,000 dates that are added or left out, and 40,000 days that rules are walked
through: a reading takes a few seconds at the most.
"""

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from vedette.core.errors import Invalid
from vedette.oncall.ical import lines, recurring
from vedette.oncall.ical.lines import Property

MOST_BYTES, MOST_EVENTS, MOST_TIMES, MOST_DAYS = 1_048_576, 5_000, 5_000, 40_000
MOST_DATES = 5_000  # that events add or leave out, RDATE and EXDATE
_DURATION = re.compile(
    r"\+?P(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_ONCE = frozenset({"UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "STATUS", "RECURRENCE-ID"})
_MANY = frozenset({"RRULE", "RDATE", "EXDATE", "ATTENDEE"})
_LONGEST = dt.timedelta(days=366)


class Occurrence(msgspec.Struct, frozen=True, array_like=True):
    """A time of an event: instants, its title, and the e-mail addresses of those who attend."""

    starts: float
    ends: float
    title: str
    emails: tuple[str, ...]


class _Raw(msgspec.Struct):
    line: int
    once: dict[str, Property] = {}
    many: dict[str, list[Property]] = {}


class _At(msgspec.Struct, frozen=True):
    """A wall time in a zone."""

    wall: dt.datetime
    zone: dt.tzinfo
    is_day: bool

    def instant(self) -> float:
        return self.wall.replace(tzinfo=self.zone).timestamp()

    def moved(self, wall: dt.datetime) -> "_At":
        return _At(wall, self.zone, self.is_day)


def occurrences(text: str, start: float, end: float) -> tuple[Occurrence, ...]:
    """Return the times of a calendar's events that touch a range, in order; raises `Invalid` naming the line of what is wrong."""
    raw, zone = _events(text)
    _check_dates(raw)
    overridden = {_key(one, zone) for one in raw if "RECURRENCE-ID" in one.once}
    budget, found = recurring.Budget(MOST_DAYS), list[Occurrence]()
    for one in raw:
        for each in _times(one, zone, (start, end), budget, overridden):
            found.append(each)
            if len(found) > MOST_TIMES:
                raise Invalid(f"The calendar has more than {MOST_TIMES:,} times in this range.")
    return tuple(sorted(found, key=lambda each: (each.starts, each.ends, each.title)))


def people_of(one: Occurrence, people: Mapping[int, tuple[str, str]]) -> tuple[int, ...]:
    """Return whom a time is for: `people` are (name, e-mail) by id. By who attends, else by e-mail or name in the title."""
    emails = {each.casefold() for each in (*one.emails, *_EMAIL.findall(one.title))}
    by_email = tuple(user for user, (_, email) in people.items() if email.casefold() in emails)
    return by_email or _named(one.title, {user: name for user, (name, _) in people.items()})


def _named(title: str, names: Mapping[int, str]) -> tuple[int, ...]:
    whole = tuple(user for user, name in names.items() if _stands_in(name, title))
    if whole:
        return whole
    first = {user: name.split()[0] for user, name in names.items() if name.split()}
    found = tuple(user for user, name in first.items() if _stands_in(name, title))
    return found if len({first[user].casefold() for user in found}) == len(found) else ()


def _stands_in(name: str, title: str) -> bool:
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", title, re.IGNORECASE) is not None


def _events(text: str) -> tuple[list[_Raw], dt.tzinfo]:
    """Return the events of a calendar and the zone of times that name none."""
    stack, found, zone = list[str](), list[_Raw](), dt.UTC
    chosen: dt.tzinfo = zone
    for each in lines.properties(text):
        if each.name == "BEGIN":
            stack.append(each.value.strip().upper())
            if stack[-1] == "VEVENT":
                found.append(_Raw(each.line, {}, {}))
        elif each.name == "END":
            if not stack or stack.pop() != each.value.strip().upper():
                raise Invalid(f"Line {each.line}: this ends what did not begin.")
        elif stack == ["VCALENDAR"] and each.name == "X-WR-TIMEZONE":
            chosen = _zone(each.value, each.line)
        elif stack == ["VCALENDAR", "VEVENT"]:
            _note(found[-1], each)
        if len(found) > MOST_EVENTS:
            raise Invalid(f"The calendar has more than {MOST_EVENTS:,} events.")
    if stack or not text.strip():
        raise Invalid("This is no calendar, or its end is missing: END:VCALENDAR.")
    return found, chosen


def _check_dates(raw: Iterable[_Raw]) -> None:
    """Raise `Invalid` where so many dates are added or left out that to read them takes long."""
    told = 0
    for one in raw:
        for each in (*one.many.get("RDATE", ()), *one.many.get("EXDATE", ())):
            told += each.value.count(",") + 1
            if told > MOST_DATES:
                raise Invalid(
                    f"Line {each.line}: the calendar has more than {MOST_DATES:,} dates in RDATE and EXDATE."
                )


def _note(event: _Raw, each: Property) -> None:
    if each.name in _ONCE:
        event.once.setdefault(each.name, each)
    elif each.name in _MANY:
        event.many.setdefault(each.name, []).append(each)


def _times(
    one: _Raw, zone: dt.tzinfo, window: tuple[float, float], budget: recurring.Budget, overridden: set[tuple[str, float]]
) -> Iterator[Occurrence]:  # fmt: skip
    if "DTSTART" not in one.once:
        raise Invalid(f"Line {one.line}: this event says no start (DTSTART).")
    if one.once["STATUS"].value.strip().upper() == "CANCELLED" if "STATUS" in one.once else False:
        return
    start, length = _at(one.once["DTSTART"], zone), _length(one, zone)
    title, emails = _title(one), _emails(one)
    left = {each.instant() for each in _list(one, "EXDATE", zone)}
    for at in _starts(one, start, length, zone, window, budget):
        begins, ends = at.instant(), at.moved(at.wall + length).instant()
        gone = "RECURRENCE-ID" not in one.once and (_uid(one), begins) in overridden
        if begins not in left and not gone and begins < window[1] and ends > window[0]:
            yield Occurrence(begins, ends, title, emails)


def _starts(  # noqa: PLR0917 - an event and the range it is read for
    one: _Raw, start: _At, length: dt.timedelta, zone: dt.tzinfo, window: tuple[float, float], budget: recurring.Budget
) -> Iterable[_At]:  # fmt: skip
    found = {each.instant(): each for each in _list(one, "RDATE", zone)}
    if "RECURRENCE-ID" in one.once:
        return [start]
    rules = one.many.get("RRULE", [])
    if not rules:
        found[start.instant()] = start
    for each in rules:
        found |= {at.instant(): at for at in _by_rule(each, start, length, window, budget)}
    return found.values()


def _by_rule(
    each: Property, start: _At, length: dt.timedelta, window: tuple[float, float], budget: recurring.Budget
) -> Iterator[_At]:  # fmt: skip
    begin, end = (dt.datetime.fromtimestamp(at, start.zone).replace(tzinfo=None) for at in window)
    try:
        rule = recurring.parsed(each.value)
        until = _until(rule.until, start) if rule.until else None
        room = (begin - length - dt.timedelta(days=1), end + dt.timedelta(days=1))
        for wall in recurring.starts(rule, start.wall, room, budget):
            at = start.moved(wall)
            if until is not None and at.instant() > until:
                return
            yield at
    except (ValueError, OverflowError) as error:
        raise Invalid(f"Line {each.line}: the recurrence rule cannot be used: {error}.") from None


def _until(text: str, start: _At) -> float:
    """Return the last instant of a rule; a day is the whole of it."""
    found = _wall(text.removesuffix("Z"))
    if found is None:
        raise ValueError(f"UNTIL is no time: {text[:20]!r}")
    if len(text) == 8:
        return start.moved(found + dt.timedelta(hours=23, minutes=59, seconds=59)).instant()
    zone = dt.UTC if text.endswith("Z") else start.zone
    return found.replace(tzinfo=zone).timestamp()


def _length(one: _Raw, zone: dt.tzinfo) -> dt.timedelta:
    """Return how long an event lasts by the wall clock."""
    start = _at(one.once["DTSTART"], zone)
    if "DTEND" in one.once:
        end = _at(one.once["DTEND"], zone)
        local = dt.datetime.fromtimestamp(end.instant(), start.zone).replace(tzinfo=None)
        length = (end.wall if end.zone == start.zone else local) - start.wall
    elif "DURATION" in one.once:
        length = _duration(one.once["DURATION"])
    else:
        length = dt.timedelta(days=1 if start.is_day else 0)
    if not dt.timedelta() <= length <= _LONGEST:
        raise Invalid(f"Line {one.line}: this event ends before it starts, or lasts longer than a year.")
    return length


def _duration(each: Property) -> dt.timedelta:
    found = _DURATION.fullmatch(each.value.strip().upper())
    if found is None or not any(found.groups()):
        raise Invalid(f"Line {each.line}: {each.value[:20]!r} is no length of time.")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return dt.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _list(one: _Raw, name: str, zone: dt.tzinfo) -> Iterator[_At]:
    for each in one.many.get(name, []):
        for text in each.value.split(","):
            yield _at(msgspec.structs.replace(each, value=text.partition("/")[0]), zone)


def _at(each: Property, zone: dt.tzinfo) -> _At:
    """Return the time a property says; raises `Invalid` naming its line."""
    text = each.value.strip().upper()
    wall = _wall(text.removesuffix("Z"))
    if wall is None:
        raise Invalid(f"Line {each.line}: {each.name} is no time: {text[:30]!r}.")
    if text.endswith("Z"):
        return _At(wall, dt.UTC, is_day=False)
    named = each.params.get("TZID", "")
    return _At(wall, _zone(named, each.line) if named else zone, is_day=len(text) == 8)


def _wall(text: str) -> dt.datetime | None:
    form = "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d"
    try:
        found = dt.datetime.strptime(text, form) if len(text) in {8, 15} else None  # noqa: DTZ007 - a wall time
    except ValueError:
        return None
    return found if found and 1970 <= found.year <= 2200 else None


def _zone(name: str, line: int) -> dt.tzinfo:
    """Return a zone by its name; of one with a prefix (`/example.org/Europe/Berlin`) by its end."""
    parts = [part for part in name.strip().strip('"').split("/") if part]
    for known in ("/".join(parts), "/".join(parts[-2:])):
        try:
            return zoneinfo.ZoneInfo(known)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            continue
    raise Invalid(f"Line {line}: there is no time zone {name[:60]!r}; it takes names like Europe/Berlin.")


def _key(one: _Raw, zone: dt.tzinfo) -> tuple[str, float]:
    return _uid(one), _at(one.once["RECURRENCE-ID"], zone).instant()


def _uid(one: _Raw) -> str:
    return one.once["UID"].value.strip() if "UID" in one.once else ""


def _title(one: _Raw) -> str:
    return lines.unescaped(one.once["SUMMARY"].value).strip()[:200] if "SUMMARY" in one.once else ""


def _emails(one: _Raw) -> tuple[str, ...]:
    told = (each.value.strip() for each in one.many.get("ATTENDEE", []))
    return tuple(each[7:] for each in told if each[:7].lower() == "mailto:")[:50]
