"""The SQL of calendars of others and of feeds."""

from collections.abc import Collection, Mapping

import msgspec

from vedette.core.errors import NotFound
from vedette.oncall.models import CalendarRow, FeedRow
from vedette.oncall.types import Calendar, Feed


class Kept(msgspec.Struct, frozen=True):
    """A calendar with what is not shown: its sealed address, what was read last, and when its times were laid out."""

    calendar: Calendar
    url: str
    text: str
    laid_at: float | None = None


def every() -> tuple[Calendar, ...]:
    """Return every calendar, by name."""
    return tuple(
        _calendar(row) for row in CalendarRow.objects.defer("text", "times", "url").order_by("name", "id")
    )


def kept() -> tuple[Kept, ...]:
    """Return every calendar, by id."""
    return tuple(_kept(row) for row in CalendarRow.objects.defer("times", "text").order_by("id"))


def whole(calendar_id: int) -> Kept:
    """Return a calendar with its text; raises `NotFound`."""
    return _kept(_row(calendar_id), with_text=True)


def times(ids: Collection[int]) -> Mapping[int, str]:
    """Return the times of calendars as JSON, empty before they were laid out, by the calendar's id."""
    return dict(CalendarRow.objects.filter(id__in=ids).values_list("id", "times"))


def add(name: str, url: str, text: str, times: str, now: float) -> Calendar:
    """Insert a calendar that was read just now; `url` is sealed, `times` are those of the text."""
    row = CalendarRow.objects.create(
        name=name, url=url, text=text, times=times, laid_at=now, read_at=now, checked_at=now
    )
    return _calendar(row)


def lay(calendar_id: int, times: str | None, now: float) -> None:
    """Note that times were laid out; None leaves those that stand."""
    new = {} if times is None else {"times": times}
    CalendarRow.objects.filter(id=calendar_id).update(laid_at=now, **new)


def read(calendar_id: int, text: str | None, problem: str, now: float) -> None:
    """Note a reading: its text (None where it failed or nothing is new) and what is wrong, empty when it went well."""
    columns: dict[str, object] = {"checked_at": now, "problem": problem}
    if text is not None:
        columns["text"] = text
    if not problem:
        columns["read_at"] = now
    CalendarRow.objects.filter(id=calendar_id).update(**columns)


def remove(calendar_id: int) -> str:
    """Delete a calendar and return its name; raises `NotFound`."""
    row = _row(calendar_id)
    row.delete()
    return row.name


def feeds(user: int) -> tuple[Feed, ...]:
    """Return the feeds a person made, newest first."""
    return tuple(_feed(row) for row in FeedRow.objects.filter(user=user).order_by("-made_at", "-id"))


def add_feed(key: str, user: int, schedule: int | None, now: float) -> Feed:
    """Insert a feed; `key` is the digest of its secret."""
    return _feed(FeedRow.objects.create(key=key, user=user, schedule_id=schedule, made_at=now))


def by_key(key: str) -> Feed | None:
    """Return the feed of a digest."""
    row = FeedRow.objects.filter(key=key).first()
    return _feed(row) if row else None


def touch_feed(feed_id: int, now: float) -> None:
    """Remember when a feed was last read."""
    FeedRow.objects.filter(id=feed_id).update(used_at=now)


def drop_feed(feed_id: int, user: int) -> bool:
    """Delete a feed of a person; False when there is none."""
    return FeedRow.objects.filter(id=feed_id, user=user).delete()[0] > 0


def _row(calendar_id: int) -> CalendarRow:
    row = CalendarRow.objects.filter(id=calendar_id).first()
    if row is None:
        raise NotFound("There is no such calendar (any more).")
    return row


def _kept(row: CalendarRow, *, with_text: bool = False) -> Kept:
    return Kept(_calendar(row), row.url, row.text if with_text else "", row.laid_at)


def _calendar(row: CalendarRow) -> Calendar:
    return Calendar(
        id=row.id, name=row.name, read_at=row.read_at, checked_at=row.checked_at, problem=row.problem
    )


def _feed(row: FeedRow) -> Feed:
    return Feed(id=row.id, user=row.user, schedule=row.schedule_id, made_at=row.made_at, used_at=row.used_at)
