"""Calendars of others: added by people, read every quarter of an hour; what cannot be read leaves what was read before.

A text is taken apart when it is read, never when somebody asks who is on: its times from 45 days ago to 400 days ahead
are kept beside it, and laid out anew each day.
"""

import functools
from collections.abc import Collection, Mapping, Sequence
from urllib.parse import urlsplit

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Conflict, Invalid, VedetteError
from vedette.oncall.events import apart, within
from vedette.oncall.ical import reading
from vedette.oncall.ical.reading import Occurrence
from vedette.oncall.store import calendars as store
from vedette.oncall.store import schedules as schedule_store
from vedette.oncall.store.calendars import Kept
from vedette.oncall.types import LIVE_TOPIC, Calendar, Event
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.net.port import NetError
from vedette.plumbing.ports import ports

MOST_CALENDARS, LONGEST_URL = 100, 2_000
EVERY, DEADLINE = 900.0, 10.0
_DAY = 86_400.0
BEHIND, AHEAD = 45 * _DAY, 400 * _DAY
_PURPOSE = "oncall.calendar"
_TIMES = msgspec.json.Decoder(tuple[Occurrence, ...])
_SEEN: dict[int, dict[str, str]] = {}  # how to ask whether a calendar changed; forgotten with the process


def calendars() -> tuple[Calendar, ...]:
    """Return every calendar, by name, with the host of its address."""
    return tuple(_shown(one) for one in sorted(store.kept(), key=lambda one: one.calendar.name))


def add(actor: Actor, name: str, url: str, text: str, now: float) -> Calendar:
    """Add a calendar by its address or as a text; it is read at once. Raises `Invalid` by field, also for what cannot be read."""
    require(actor, Verb.ONCALL_WRITE)
    name, url = name.strip(), url.strip().replace("webcal://", "https://", 1)
    _check(name, url, text)
    if url:
        text = _fetched(0, url) or ""
    try:
        times = laid_out(text, now)
    except Invalid as error:
        raise Invalid(str(error), {"url" if url else "text": str(error)}) from None
    with transaction():
        made = store.add(name, ports().seal.seal(url, _PURPOSE) if url else "", text, times, now)
        accounts.audit(actor, "calendar.create", name, {"host": urlsplit(url).hostname or "pasted"}, now)
        _changed()
    return made


def remove(actor: Actor, calendar_id: int, now: float) -> None:
    """Remove a calendar; raises `Conflict` while a layer takes it, `NotFound`."""
    require(actor, Verb.ONCALL_WRITE)
    taken = [
        one.name
        for one in schedule_store.every()
        if any(layer.calendar == calendar_id for layer in one.layers)
    ]
    if taken:
        raise Conflict(f"The schedule {taken[0]} takes who is on from this calendar; change it first.")
    with transaction():
        accounts.audit(actor, "calendar.delete", store.remove(calendar_id), {}, now)
        _changed()


def refresh(now: float) -> int:
    """Read the calendar that waits the longest, or lay its times out anew; return 1, or 0 when none waits.

    One at a time: a slow server holds nothing up for longer than its deadline.
    """
    due = [one for one in store.kept() if _wants(one, now)]
    for one in sorted(due, key=lambda one: (one.calendar.checked_at or 0.0, one.laid_at or 0.0))[:1]:
        _read(store.whole(one.calendar.id), now)
    return min(len(due), 1)


def events(ids: Collection[int], start: float, end: float) -> Mapping[int, Sequence[Event]]:
    """Return who is on by calendars in a range, by the calendar's id: stretches in order that do not overlap."""
    people = tuple((one.id, (one.name, one.email)) for one in accounts.user_refs().values())
    found = store.times(ids)
    return {one: within(_stretches(times, people), start, end) for one, times in found.items()}


def laid_out(text: str, now: float) -> str:
    """Return the times of a calendar around now as JSON; raises `Invalid` that says what is wrong with it, and where."""
    if len(text.encode()) > reading.MOST_BYTES:
        raise Invalid("A calendar has at most 1 MiB.")
    return msgspec.json.encode(reading.occurrences(text, now - BEHIND, now + AHEAD)).decode()


@functools.lru_cache(maxsize=32)
def _stretches(times: str, people: tuple[tuple[int, tuple[str, str]], ...]) -> tuple[Event, ...]:
    if not times:
        return ()
    known = dict(people)
    whom: dict[tuple[str, tuple[str, ...]], tuple[int, ...]] = {}
    for one in (found := _TIMES.decode(times)):
        key = (one.title, one.emails)
        if key not in whom:
            whom[key] = reading.people_of(one, known)
    return apart(Event(one.starts, one.ends, whom[one.title, one.emails]) for one in found)


def _wants(one: Kept, now: float) -> bool:
    """Tell whether a calendar is to be read, or its times to be laid out because a day went by."""
    checked = one.calendar.checked_at
    return (bool(one.url) and (checked is None or now - checked >= EVERY)) or not _is_laid(one, now)


def _is_laid(one: Kept, now: float) -> bool:
    return one.laid_at is not None and now - one.laid_at < _DAY


def _read(one: Kept, now: float) -> None:
    """Read a calendar anew; what is wrong is noted, and what was read before stands."""
    text, times, problem, laid = None, None, "", _is_laid(one, now)
    try:
        text = _fetched(one.calendar.id, ports().seal.open(one.url, _PURPOSE)) if one.url else None
        if text is not None or not laid:
            times = laid_out(text or one.text, now)
    except VedetteError as error:
        text, times, problem = None, None if laid else _laid_again(one, now), str(error)[:300]
        _SEEN.pop(one.calendar.id, None)
    with transaction():
        store.read(one.calendar.id, text, problem, now)
        if times is not None or not laid:
            store.lay(one.calendar.id, times, now)
        if problem != one.calendar.problem or (text is not None and text != one.text):
            _changed()


def _laid_again(one: Kept, now: float) -> str | None:
    """Return the times of what was read before; None where they are too many by now, and those of yesterday stand."""
    try:
        return laid_out(one.text, now)
    except Invalid:
        return None


def _fetched(calendar_id: int, url: str) -> str | None:
    """Return what an address answers, None where it is as it was; raises `NetError`, `Invalid`."""
    headers = {"accept": "text/calendar, text/plain;q=0.5", **_SEEN.get(calendar_id, {})}
    answer = ports().net.request(
        "GET", url, headers=headers, deadline=DEADLINE, max_bytes=reading.MOST_BYTES + 1
    )
    if answer.status == 304 and calendar_id in _SEEN:
        return None
    if answer.status != 200:
        raise NetError(f"The calendar's server answered {answer.status}.", permanent=False)
    if len(answer.body) > reading.MOST_BYTES:
        raise Invalid("A calendar has at most 1 MiB.")
    asks = {
        "if-none-match": answer.headers.get("etag", ""),
        "if-modified-since": answer.headers.get("last-modified", ""),
    }
    if calendar_id:
        _SEEN[calendar_id] = {name: value for name, value in asks.items() if value}
    return answer.body.decode("utf-8", "replace")


def _check(name: str, url: str, text: str) -> None:
    wrong = {}
    if not 1 <= len(name) <= 80 or not name.isprintable():
        wrong["name"] = "A name has 1 to 80 characters that can be printed."
    if bool(url) == bool(text.strip()):
        wrong["url"] = "Give an address, or paste the text of a calendar: one of both."
    elif url and (
        not url.startswith(("https://", "http://")) or len(url) > LONGEST_URL or not url.isprintable()
    ):
        wrong["url"] = "An address starts with https:// (or webcal://)."
    if len(store.every()) >= MOST_CALENDARS:
        wrong["name"] = f"There are {MOST_CALENDARS} calendars, which is the most."
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)


def _shown(one: Kept) -> Calendar:
    if not one.url:
        return one.calendar
    try:
        host = urlsplit(ports().seal.open(one.url, _PURPOSE)).hostname or ""
    except VedetteError:
        host = "an address that cannot be opened"
    return msgspec.structs.replace(one.calendar, host=host)


def _changed() -> None:
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))
