"""An event of a parser and a line: what becomes of the line where it fits, and why not where it does not. Pure."""

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import msgspec

from vedette.instruments.logs import addresses, framing
from vedette.instruments.logs.addresses import Trusted
from vedette.instruments.logs.compiling import Event, Frame, Parser, Text, value
from vedette.instruments.logs.instants import Stamps
from vedette.instruments.logs.types import EntryKind, LogEntry

MEANT = (
    "address",
    "user",
    "at",
    "service",
    "target",
)  # groups that are no fields; `forwarded` and `connecting` are dropped later
UNCLEAR = "unclear"  # the event of a line that could be read in two ways
WRAPPING = ("{", "2")  # how lines begin that a container runtime may have wrapped
OF_PROXIES = ("forwarded", "connecting")
PLANS = 256  # shapes of objects that are remembered
Told = frozenset[str] | None
_Flat = tuple[tuple[str, str], ...]
_Deep = tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]
_normal = addresses.normal


class Line:
    """A line while events are tried on it: what they share is taken apart once. One object serves line after line."""

    __slots__ = ("_document", "at", "head", "more", "now", "program", "source", "stamps", "text")

    def __init__(self, source: str, now: float, stamps: Stamps) -> None:
        """Take where lines come from and when they are read."""
        self.source = source
        self.now = now
        self.stamps = stamps
        self.text = ""

    def take(self, text: str) -> None:
        """Take the next line: what a container runtime or syslog wrapped around it is taken off.

        `head` is its syslog header, None where it has none, `program` the name in it; `more` how often it was repeated.
        """
        self.at, self.more = self.now, 0
        if text.startswith(WRAPPING):
            text, outer = framing.unwrapped(text)
            self.at = self.stamps.at(outer, self.now) if outer else self.now
        if framing.REPEATS in text:
            text, self.more = framing.repeated(text)
        self.text = text
        head = framing.BSD.match(text)
        if head is None and text.startswith(framing.IETF_BEGINS):
            head = framing.IETF.match(text)
        self.head = head
        self.program: str = "" if head is None else head[2]
        self._document: Any = self

    def document(self, start: int) -> Any:
        """Return the JSON value that begins at `start`, None where it is none."""
        if self._document is self:
            try:
                self._document = msgspec.json.decode(self.text[start:] if start else self.text)
            except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
                self._document = _unescaped(self.text[start:])
        return self._document


class Fit(ABC):
    """One event, ready to be tried on lines; the base of what its frame makes of it."""

    def __init__(self, parser: Parser, event: Event, trusted: Trusted, told: Told = None) -> None:
        """Take an event and the parser it stands in; `told` are the fields that its entries have, None for all."""
        self.parser = parser
        self.event = event
        self.request = event.kind is EntryKind.REQUEST
        self.witnesses = event.witnesses
        self._parser, self._event, self._kind = parser.name, event.name, event.kind
        self._service = event.service or parser.service
        self._trusted = trusted
        self._told = told
        self._programs = frozenset(name.lower() for name in parser.programs)
        self._known: dict[str, bool] = {}

    @abstractmethod
    def entry(self, line: Line) -> LogEntry | None:
        """Return what the line tells, None where it does not fit."""

    def _is_told(self, name: str) -> bool:
        """Tell whether a group or key is of use: it has a meaning, or is a field that is asked for."""
        if self._told is None or name in self._told or name in MEANT:
            return True
        return name in OF_PROXIES and bool(self._trusted)

    def has_program(self, name: str) -> bool:
        """Tell whether a program's lines are this parser's."""
        known = self._known.get(name)
        if known is None:
            if len(self._known) > 1000:
                self._known.clear()
            known = framing.program(name) in self._programs or "*" in self._programs
            self._known[name] = known
        return known

    def start(self, line: Line) -> int:
        """Return where the message begins in a syslog line of one of the parser's programs, -1 where it is none."""
        return line.head.end() if line.head is not None and self.has_program(line.program) else -1

    def made(self, line: Line, at: float, told: dict[str, str]) -> LogEntry | None:
        """Return an entry of what a line told by name, None where the address is no address."""
        address = told.pop("address", "-")
        if address != "-":
            peer = _normal(address)
            if not peer or "forwarded" in told or "connecting" in told:
                peer = self._client(peer, address, told)
            if not peer:
                return None
            address = peer
        else:
            address = ""
        user, service = told.pop("user", ""), told.pop("service", "")
        return LogEntry(
            parser=self._parser,
            event=self._event,
            kind=self._kind,
            service=self.parser.services.get(service, service) if service else self._service,
            at=at,
            address=address,
            user="" if user == "-" else user,
            fields=told,
            source=line.source,
            line=line.text,
        )

    def _client(self, peer: str, address: str, told: dict[str, str]) -> str:
        """Return who asked, by what proxies say; of a list of addresses the last is the peer."""
        if not peer and "," in address:
            told["forwarded"], _, address = address.rpartition(",")
            peer = _normal(address)
        forwarded, connecting = told.pop("forwarded", ""), told.pop("connecting", "")
        return addresses.client(peer, self._trusted, forwarded, connecting)


class TextFit(Fit):
    """An event of lines of text."""

    def __init__(self, parser: Parser, event: Event, trusted: Trusted, told: Told = None) -> None:
        """Take an event; its pattern is compiled when the first line may fit."""
        super().__init__(parser, event, trusted, told)
        self._syslog = parser.frame is Frame.SYSLOG
        self._match: Any = None
        self._constants = {name: said for name, said in event.constants.items() if self._is_told(name)}
        self._guarded = bool(event.once or event.never or event.equal)

    def _compile(self) -> None:
        """Compile the pattern and look up the groups that are of use, all of which are asked for at once."""
        groups = {name: number for name, number in self.event.regex.groupindex.items() if self._is_told(name)}
        self._names, self._numbers = tuple(groups), tuple(groups.values())
        self._has_target = "target" in groups
        # Where `never` is looked for: all of it where there is no prefix.
        self._heads = self.event.regex.groupindex.get("prefix", 0)
        self._bare, self._match = self.event.bare.match, self.event.regex.match

    def entry(self, line: Line) -> LogEntry | None:
        """Return what the line tells, None where it does not fit."""
        found = self._found(line)
        if found is None:
            return None
        if self._guarded and self._contradicted(found):
            return None
        if self._guarded and self._ambiguous(line.text):
            return self._unclear(line)
        numbers = self._numbers
        values = found.group(*numbers) if len(numbers) > 1 else tuple(map(found.group, numbers))
        pairs = zip(self._names, values, strict=True)
        if self.request or None in values or "" in values or "-" in values:  # a request hardly ever tells all
            told = {name: said for name, said in pairs if said and said != "-"}
        else:
            told = dict(pairs)
        stamp = told.pop("at", "")
        if not stamp and line.head is not None:
            stamp = line.head[1]
        if self._has_target and "target" in told:
            _split(told.pop("target"), told)
        if self._constants:
            told.update(self._constants)
        at = line.stamps.at(stamp, line.now) if stamp else line.at
        return self.made(line, at, told)

    def fits(self, line: Line) -> re.Match[str] | None:
        """Return how the pattern fits the line, or its message in syslog, None where it does not or could be read in two ways."""
        found = self._found(line)
        doubtful = (
            found is not None and self._guarded and (self._contradicted(found) or self._ambiguous(line.text))
        )
        return None if doubtful else found

    def _found(self, line: Line) -> re.Match[str] | None:
        if self._match is None:
            self._compile()
        if line.head is not None and (self._known.get(line.program) or self.has_program(line.program)):
            start = line.head.end()
        elif self._syslog or line.text.startswith("{"):
            return None
        else:
            start = 0
        match = self._match if "\\" in line.text else self._bare
        found: re.Match[str] | None = match(line.text, start)
        return found

    def _contradicted(self, found: re.Match[str]) -> bool:
        """Tell whether a line that fits says two things, or that nothing came of it."""
        equal = self.event.equal
        if equal and found[equal[0]] != found[equal[1]]:
            return True
        return any(word in found[self._heads] for word in self.event.never)

    def _ambiguous(self, text: str) -> bool:
        """Tell whether a line that fits may say what its client wrote."""
        return bool(self.event.once) and text.count(self.event.once) > 1

    def _unclear(self, line: Line) -> LogEntry:
        """Return that something came of the line, and that nobody can tell whose it is: a client may hide itself so, not the deed."""
        stamp = line.head[1] if line.head is not None else None
        return LogEntry(
            parser=self._parser, event=UNCLEAR, kind=self._kind, service=self._service, source=line.source, line=line.text,
            at=line.at if stamp is None else line.stamps.at(stamp, line.now),
        )  # fmt: skip


class JsonFit(Fit):
    """An event of lines that are JSON objects."""

    def __init__(self, parser: Parser, event: Event, trusted: Trusted, told: Told = None) -> None:
        """Take an event; its paths are split once."""
        super().__init__(parser, event, trusted, told)
        self._keys = tuple((name, _paths(paths)) for name, paths in event.keys.items() if self._is_told(name))
        self._scale = tuple((name, scale) for name, scale in event.scale.items() if self._is_told(name))
        self._constants = {name: said for name, said in event.constants.items() if self._is_told(name)}
        self._match: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] | None = None
        self._addressed = "address" in event.keys
        self._plans: dict[tuple[str, ...], tuple[_Flat, _Deep]] = {}

    def entry(self, line: Line) -> LogEntry | None:
        """Return what the line tells, None where it does not fit."""
        document = self.document(line)
        if document is None:
            return None
        told = self._matched(document)
        if told is None:
            return None
        self._gathered(document, told)
        target = told.pop("target", None)
        if target is not None:
            _split(target, told)
        told.update(self._constants)
        stamp = told.pop("at", "")
        at = line.stamps.at(stamp, line.now) if stamp else line.at
        return self.made(line, at, told) if "address" in told or not self._addressed else None

    def document(self, line: Line) -> Any:
        """Return the object that the line, or its message in syslog, is; None where it is none."""
        start = 0 if line.text.startswith("{") else self.start(line)
        found = line.document(start) if start >= 0 else None
        return found if isinstance(found, dict) else None

    def _matched(self, document: Any) -> dict[str, str] | None:
        if self._match is None:
            self._match = tuple((tuple(path.split(".")), regex) for path, regex in self.event.matches.items())
        told: dict[str, str] = {}
        for path, regex in self._match:
            found = regex.match(_first(document, (path,)))
            if found is None:
                return None
            told.update((name, said) for name, said in found.groupdict().items() if said)
        return told

    def _gathered(self, document: dict[str, Any], told: dict[str, str]) -> None:
        """Add what an object tells by name. Lines of one log have the same keys, so where to look is worked out once."""
        keys = tuple(document)
        plan = self._plans.get(keys)
        if plan is None:
            plan = self._planned(document)
            if len(self._plans) < PLANS:
                self._plans[keys] = plan
        for name, key in plan[0]:
            said = document[key]
            said = said if said.__class__ is str else value(said)
            if said and said != "-" and name not in told:
                told[name] = said
        for name, paths in plan[1]:
            said = _first(document, paths)
            if said and said != "-" and name not in told:
                told[name] = said
        for name, scale in self._scale:
            if name in told:
                scaled = _scaled(told.pop(name), scale)
                if scaled:
                    told[name] = scaled

    def _planned(self, document: dict[str, Any]) -> "tuple[_Flat, _Deep]":
        """Return which names one key of the object tells, and which must be looked for along their paths."""
        flat: list[tuple[str, str]] = []
        deep: list[tuple[str, tuple[tuple[str, ...], ...]]] = []
        for name, paths in self._keys:
            there = tuple(path for path in paths if path[0] in document)
            if len(there) == 1 and len(there[0]) == 1:
                flat.append((name, there[0][0]))
            elif there:
                deep.append((name, there))
        return tuple(flat), tuple(deep)


def fits(parsers: Mapping[str, Parser], trusted: Trusted, told: Told = None) -> list[Fit]:
    """Return the events of parsers in the order in which they are tried; `told` are the fields that are asked for, None for all."""
    ordered = sorted(parsers.values(), key=lambda parser: (parser.order, parser.name))
    return [_fit(parser, event, trusted, told) for parser in ordered for event in parser.events]


def _fit(parser: Parser, event: Event, trusted: Trusted, told: Told) -> Fit:
    kind = JsonFit if parser.frame is Frame.JSON else TextFit
    return kind(parser, event, trusted, told)


def _scaled(said: str, scale: float) -> str:
    """Return a number in its unit, empty where it is none or none that is finite."""
    try:
        number = float(said) * scale
    except ValueError:
        return ""
    return f"{number:.10g}" if math.isfinite(number) else ""


def _unescaped(text: str) -> Any:
    """Return the JSON value that nginx wrote without `escape=json`, where `\\x22` is a quote; None where it is none."""
    if "\\x" not in text:
        return None
    try:
        return msgspec.json.decode(text.replace("\\x", "\\u00"))
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def _split(target: str, told: dict[str, str]) -> None:
    told["path"], mark, query = target.partition("?")
    if mark:
        told["query"] = query


def _paths(paths: Text) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(path.split(".")) for path in ((paths,) if isinstance(paths, str) else paths))


def _first(document: Any, paths: tuple[tuple[str, ...], ...]) -> str:
    """Return the value of the first path that leads to one, as text."""
    for path in paths:
        found = document
        for step in path:
            if isinstance(found, list):
                found = found[0] if found else None
            found = found.get(step) if isinstance(found, dict) else None
        said = value(found)
        if said:
            return said
    return ""
