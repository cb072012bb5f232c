"""The arithmetic of UTC days and cursors that the telemetry adapters share. Pure."""

import base64
import binascii
import functools
import math
from collections.abc import Iterable

import msgspec

from vedette.core import clock
from vedette.core.errors import Invalid
from vedette.plumbing.telemetry.port import Record, Span

DAY = 86_400.0
Place = tuple[float, int, bytes]
_PLACES = msgspec.msgpack.Decoder(tuple[float, int, bytes])


def day_of(instant: float) -> str:
    """Return the UTC day of an instant."""
    return _name(int(instant // DAY))


@functools.lru_cache(maxsize=1024)
def near(day: str) -> tuple[str, str, str]:
    """Return a day, the day before and the day after."""
    number = int(clock.day_start(day) // DAY)
    return day, _name(number - 1), _name(number + 1)


def touched(days: Iterable[str], span: Span | None, *, newest_first: bool = True) -> list[str]:
    """Return those of `days` that a span touches, in order; all of them without a span."""
    inside = [
        day
        for day in days
        if span is None or (clock.day_start(day) < span.end and clock.day_start(day) + DAY > span.start)
    ]
    return sorted(inside, reverse=newest_first)


def place(record: Record) -> Place:
    """Return what orders records: instant, delivery, id."""
    return (record.at, record.seq, record.id)


def to_cursor(last: Record) -> str:
    """Return the cursor that continues after a record."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(place(last))).decode()


def from_cursor(text: str) -> Place:
    """Return the place a cursor names; raises `Invalid` when it is not one of ours."""
    try:
        return _PLACES.decode(base64.urlsafe_b64decode(text))
    except (msgspec.DecodeError, binascii.Error, ValueError) as error:
        raise Invalid("This cursor is not one of ours; start from the first page.") from error


def from_count(text: str | None) -> int:
    """Return the place a cursor of a scan names, 0 without one; raises `Invalid` when it is not one of ours."""
    if text is None:
        return 0
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Invalid("This cursor is not one of ours; start from the first page.")
    return int(text)


def rest(span: Span, after: Place | None, *, newest_first: bool) -> Span:
    """Return the part of a span that may hold what comes after a place."""
    if after is None:
        return span
    if newest_first:
        return Span(span.start, min(span.end, math.nextafter(after[0], math.inf)))
    return Span(max(span.start, after[0]), span.end)


def buckets(span: Span, step: float) -> int:
    """Return how many buckets of `step` seconds cover a span; raises `Invalid` for a step that is not positive."""
    if step <= 0:
        raise Invalid("The step of a series must be more than 0 seconds.")
    return max(0, math.ceil((span.end - span.start) / step))


def id_range(prefix: str) -> tuple[bytes, bytes] | None:
    """Return the least and the greatest 16-byte id whose hex begins with `prefix`; None when there is none."""
    try:
        return bytes.fromhex(prefix.ljust(32, "0")), bytes.fromhex(prefix.ljust(32, "f"))
    except ValueError:
        return None


@functools.lru_cache(maxsize=1024)
def _name(number: int) -> str:
    return clock.utc_day(number * DAY)
