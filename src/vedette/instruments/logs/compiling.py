"""A parser as its TOML file says it: what begins a line, and which lines tell what. Pure: text in, a parser or what is wrong out."""

import enum
import re
import tomllib
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import msgspec

from vedette.instruments.logs.types import EntryKind

Text = str | tuple[str, ...]  # one or several
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
REPEAT = re.compile(r"(\d+)\}")
MOST_REPEATS = 1_000
QUOTED = (
    r'[^"\\]*(?:\\.[^"\\]*)*'  # how patterns say what stands between quotes, where a backslash escapes one
)
GROUP = re.compile(r"\(\?P<(\w+)>")
BEYOND_RE2 = re.compile(r"\(\?(?![:P]|[imsU-]+[:)])|\\[1-9Z]|[*+?}]\+|\(\?P[=>]")


class ParserError(ValueError):
    """A file of a parser is wrong: which, where and what to do."""


class Frame(enum.StrEnum):
    """How a line of a log begins.

    `syslog` lines have a header with the program, and an event's pattern is about what follows it. Patterns of `combined` and
    `plain` lines are about the whole line (which may itself stand in a syslog message of one of the parser's programs);
    `combined` ones are web requests. `json` lines are objects.
    """

    SYSLOG = "syslog"
    COMBINED = "combined"
    PLAIN = "plain"
    JSON = "json"


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line and what must be made of it; `at` is the instant when the line tells one with its year and zone."""

    line: str
    address: str = ""
    user: str = ""
    service: str = ""
    at: float | None = None
    fields: Mapping[str, str] = {}


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """One thing that lines of a program tell.

    `witness` is a literal (or several) of which a line holds one whenever it tells this. `pattern` is anchored at both ends
    and is about the message; `(?P<address>…)`, `user`, `at`, `service`, `target` (path and query), `forwarded` and
    `connecting` (headers of proxies) have their meaning, other groups are fields. Of JSON, `keys` names fields by dotted paths
    (several: the first that is there), `match` says by path what a value must look like, `scale` multiplies numbers.
    `constants` are fields that are always so. A message tells this only if it holds the literal `once` no more than once (a
    client could have written another) and none of `never` (in its group `prefix`, where it has one), and both groups of `equal` say the same. `service` is what was asked, if not what the parser says.
    """

    name: str
    kind: EntryKind
    witness: Text
    pattern: str = ""
    keys: Mapping[str, Text] = {}
    match: Mapping[str, str] = {}
    scale: Mapping[str, float] = {}
    constants: Mapping[str, str] = {}
    once: str = ""
    never: tuple[str, ...] = ()
    equal: tuple[str, str] | None = None
    service: str = ""
    examples: tuple[Example, ...] = ()

    @property
    def witnesses(self) -> tuple[str, ...]:
        """Return the literals, one or several."""
        return (self.witness,) if isinstance(self.witness, str) else self.witness

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """Return the pattern compiled, without the `^`: it is matched where a message begins."""
        return re.compile(self.pattern[1:], re.ASCII)

    @cached_property
    def bare(self) -> re.Pattern[str]:
        """Return the pattern for messages without a backslash: it fits them alike, and finds the end of what is quoted at once."""
        return re.compile(self.pattern[1:].replace(QUOTED, '[^"]*'), re.ASCII)

    @cached_property
    def matches(self) -> Mapping[str, re.Pattern[str]]:
        """Return what values of JSON must look like, compiled."""
        return {path: re.compile(pattern, re.ASCII) for path, pattern in self.match.items()}


class Parser(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All that is known of one program's log.

    `programs` are the names it has in syslog (what stands behind `/` or `(` is any), `*` is every program. `services` says what service a captured
    `service` is, where its name is another. Of parsers that fit one line, the one with the lower `order` is asked first.
    """

    name: str
    service: str
    frame: Frame
    events: tuple[Event, ...] = msgspec.field(name="event")
    programs: tuple[str, ...] = ()
    services: Mapping[str, str] = {}
    order: int = 0
    title: str = ""


def parser(text: str, where: str) -> Parser:
    """Return the parser that a file holds, unchecked. Raise ParserError with the file, the place and what is wrong there."""
    try:
        return msgspec.convert(tomllib.loads(text), Parser)
    except tomllib.TOMLDecodeError as error:
        raise ParserError(f"{where}: no TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise ParserError(f"{where}: {error}") from None


def check(made: Parser, where: str) -> None:
    """Raise ParserError when a parser's parts do not go together: compiling every pattern takes its time."""
    if made.frame is Frame.SYSLOG and not made.programs:
        raise ParserError(f"{where}: a syslog parser must say in `programs` whose lines it reads")
    if not made.events:
        raise ParserError(f"{where}: there is no [[event]]")
    for event in made.events:
        for wrong in _wrong(made, event):
            raise ParserError(f"{where}: event {event.name!r}: {wrong}")


def _wrong(made: Parser, event: Event) -> list[str]:
    checks = (*_wrong_witness(event), *_wrong_shape(made, event))
    return [said for said in checks if said]


def _wrong_witness(event: Event) -> tuple[str, ...]:
    found = [text for text in event.witnesses if len(text) < 4 or '"' in text or "\\" in text or "\n" in text]
    return (
        "" if event.witnesses else "it needs a `witness`",
        f"witness {found[0]!r}: four characters at least, no quote or backslash (JSON writes them otherwise)"
        if found
        else "",
        "" if NAME.fullmatch(event.name) else "its name is lower-case letters, digits and dashes",
    )


def _wrong_shape(made: Parser, event: Event) -> tuple[str, ...]:
    if made.frame is Frame.JSON:
        wrong = [_wrong_pattern(pattern) for pattern in event.match.values()]
        return ("" if event.keys or event.match else "it needs `keys` or `match`", *wrong)
    return (
        "`keys`, `match` and `scale` are for JSON; use `pattern`"
        if event.keys or event.match or event.scale
        else "",
        _wrong_pattern(event.pattern),
    )


def _wrong_pattern(pattern: str) -> str:
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return f"pattern {pattern!r} must begin with ^ and end with $"
    beyond = BEYOND_RE2.search(pattern)
    if beyond:
        return f"pattern has {beyond[0]!r}, which RE2 does not know: no look-around, back reference or possessive repeat"
    if any(int(most) > MOST_REPEATS for most in REPEAT.findall(pattern)):
        return f"pattern repeats something more than {MOST_REPEATS} times, which RE2 does not know; write `*`"
    return _uncompiled(pattern)


def _uncompiled(pattern: str) -> str:
    try:
        groups = re.compile(pattern, re.ASCII).groupindex
    except re.error as error:
        return f"pattern {pattern!r}: {error}"
    return "" if len(groups) == len(GROUP.findall(pattern)) else "a group's name is there twice"


def value(found: Any) -> str:
    """Return a value of JSON as a field's text: of a list the first, nothing for null."""
    if isinstance(found, str):
        return found
    if found.__class__ is int:
        return str(found)
    if isinstance(found, list):
        return value(found[0]) if found else ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None or isinstance(found, dict) else str(found)
