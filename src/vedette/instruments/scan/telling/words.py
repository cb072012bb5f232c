"""Words that all formats share. What a scan found may come from an attacker: nothing of it reaches a terminal raw."""

import datetime as dt
import re
from typing import NamedTuple

import msgspec

from vedette.wire.finding import Finding, Severity, severity_of

_LINE = re.compile(r"(.+?):(\d{1,9})(?::\d{1,9})?")
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\n]")
LEVELS = {
    Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note", Severity.INFO: "note",
}  # fmt: skip


class Spot(NamedTuple):
    """A file and its line; 0 where no line is told."""

    file: str
    line: int


def plain(text: str) -> str:
    """Return a text in one line with control characters, directions of writing and broken characters written out."""
    return "".join(char if char.isprintable() else _written(char) for char in text)


def _written(char: str) -> str:
    return " " if char in "\n\t" else char.encode("unicode_escape").decode("ascii")


def lines(text: str) -> list[str]:
    """Return a text line by line, each `plain`."""
    return [plain(line) for line in text.split("\n")]


def spot(finding: Finding) -> Spot | None:
    """Return the file and line a finding is at, None when its place is no file."""
    place = finding.place
    if not place or "://" in place:
        return None
    told = _LINE.fullmatch(place)
    return Spot(told[1], max(1, int(told[2]))) if told else Spot(place, 0)


def level(finding: Finding) -> str:
    """Return error, warning or note."""
    return LEVELS[severity_of(finding.risk)]


def instant(at: float) -> str:
    """Return an instant as RFC 3339 in UTC, to the second."""
    return dt.datetime.fromtimestamp(int(at), dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def json(value: object) -> str:
    """Return a value as indented JSON whose every character is printable ASCII; what it says stays the same.

    Characters that are none (from names of files in a wrong encoding) become U+FFFD.
    """
    try:
        body = msgspec.json.encode(value)
    except UnicodeEncodeError:
        body = msgspec.json.encode(_whole(msgspec.to_builtins(value)))
    text = msgspec.json.format(body).decode()
    return _UNPRINTABLE.sub(lambda found: _escape(found[0]), text) + "\n"


def _escape(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _whole(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {str(_whole(key)): _whole(each) for key, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list | tuple) else value
