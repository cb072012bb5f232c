"""Shifts as iCalendar (RFC 5545): in UTC, with ids that stay, so that a calendar program changes what it shows. Pure."""

import datetime as dt
import hashlib
from collections.abc import Iterable

import msgspec

from vedette.oncall.ical import lines

_PRODUCT = "-//Vedette//On call//EN"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A shift as a calendar shows it; `key` tells it from the others of its calendar, and stays."""

    key: str
    starts: float
    ends: float
    title: str
    text: str = ""
    link: str = ""


def calendar(name: str, entries: Iterable[Entry], now: float) -> str:
    """Return a calendar as it goes over the wire; `now` stamps it."""
    head = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"X-WR-CALNAME:{lines.escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT15M", "X-PUBLISHED-TTL:PT15M",
    ]  # fmt: skip
    told = [*head, *(line for one in entries for line in _event(one, now)), "END:VCALENDAR"]
    return "".join(lines.folded(line) for line in told)


def uid(key: str) -> str:
    """Return an id that stays for a key and tells nothing of it."""
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest() + "@vedette"


def _event(one: Entry, now: float) -> list[str]:
    told = [
        "BEGIN:VEVENT", f"UID:{uid(one.key)}", f"DTSTAMP:{_stamp(now)}", f"DTSTART:{_stamp(one.starts)}",
        f"DTEND:{_stamp(one.ends)}", f"SUMMARY:{lines.escaped(one.title)}",
    ]  # fmt: skip
    if one.text:
        told.append(f"DESCRIPTION:{lines.escaped(one.text)}")
    if one.link:
        told.append(f"URL:{one.link}")
    return [*told, "TRANSP:TRANSPARENT", "END:VEVENT"]


def _stamp(at: float) -> str:
    return dt.datetime.fromtimestamp(round(at), dt.UTC).strftime("%Y%m%dT%H%M%SZ")
