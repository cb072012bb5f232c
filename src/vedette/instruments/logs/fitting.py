"""An event of a parser and a line: what becomes of the line where it fits, and why not where it does not. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from vedette.instruments.logs import addresses, framing
from vedette.instruments.logs.addresses import Trusted
from vedette.instruments.logs.compiling import Event, Frame, Parser, Text, value
from vedette.instruments.logs.instants import Stamps
from vedette.instruments.logs.types import EntryKind, LogEntry

MEANT = ("address", "user", "at", "service", "target", "forwarded", "connecting")
UNSAID = frozenset(("", "-"))
_normal = addresses.normal


class Line:
    """A line while events are tried on it: what they share is taken apart once."""

    __slots__ = ("_document", "_header", "_looked", "at", "now", "source", "stamps", "text")

    def __init__(self, text: str, source: str, now: float, stamps: Stamps, outer: str = "") -> None:
        """Take a line as the program wrote it; `outer` is the stamp of the container runtime."""
        self.text = text
        self.source = source
        self.now = now
        self.stamps = stamps
        self.at = stamps.at(outer, now) if outer else now
        self._looked = False
        self._header: re.Match[str] | None = None
        self._document: Any = self

    @property
    def header(self) -> re.Match[str] | None:
        """Return the syslog header, None where the line has none."""
        if not self._looked:
            self._looked = True
            self._header = framing.header(self.text)
        return self._header

    def document(self, start: int) -> Any:
        """Return the JSON value that begins at `start`, None where it is none."""
        if self._document is self:
            try:
                self._document = msgspec.json.decode(self.text[start:] if start else self.text)
            except (msgspec.DecodeError, UnicodeEncodeError):
                self._document = None
        return self._document


class Fit:
    """One event, ready to be tried on lines; the base of what its frame makes of it."""

    def __init__(self, parser: Parser, event: Event, trusted: Trusted) -> None:
        """Take an event and the parser it stands in."""
        self.parser = parser
        self.event = event
        self._service = event.service or parser.service
        self.request = event.kind is EntryKind.REQUEST
        self.witnesses = event.witnesses
        self._trusted = trusted
        self._programs = frozenset(name.lower() for name in parser.programs)
        self._known: dict[str, bool] = {}

    def entry(self, line: Line) -> LogEntry | None:
        """Return what the line tells, None where it does not fit."""
        raise NotImplementedError

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
        head = line.header
        return head.end() if head is not None and self.has_program(head[2]) else -1

    def made(self, line: Line, at: float, told: dict[str, str]) -> LogEntry | None:
        """Return an entry of what a line told by name, None where the address is no address."""
        address = told.pop("address", "")
        if address not in UNSAID:
            address = self._client(address, told)
            if not address:
                return None
        else:
            address = ""
        user = told.pop("user", "")
        service = told.pop("service", "")
        return LogEntry(
            parser=self.parser.name,
            event=self.event.name,
            kind=self.event.kind,
            service=self.parser.services.get(service, service) if service else self._service,
            at=at,
            address=address,
            user="" if user == "-" else user,
            fields=told,
            source=line.source,
            line=line.text,
        )

    def _client(self, address: str, told: dict[str, str]) -> str:
        peer = _normal(address)
        if not peer and "," in address:
            peer, _, rest = address.rpartition(",")[::-1]
            peer, told["forwarded"] = _normal(peer), rest
        forwarded, connecting = told.pop("forwarded", ""), told.pop("connecting", "")
        return (
            addresses.client(peer, self._trusted, forwarded, connecting) if forwarded or connecting else peer
        )


class TextFit(Fit):
    """An event of lines of text."""

    def __init__(self, parser: Parser, event: Event, trusted: Trusted) -> None:
        """Take an event; its pattern is compiled when the first line may fit."""
        super().__init__(parser, event, trusted)
        self._syslog = parser.frame is Frame.SYSLOG
        self._match: Any = None
        self._names: Sequence[str] = ()
        self._constants = tuple(event.constants.items())
        self._guarded = bool(event.once or event.never or event.equal)

    def entry(self, line: Line) -> LogEntry | None:
        """Return what the line tells, None where it does not fit."""
        found = self.fits(line)
        if found is None:
            return None
        told = {
            name: said for name, said in zip(self._names, found.groups(), strict=True) if said and said != "-"
        }
        if self._constants:
            told.update(self._constants)
        stamp = told.pop("at", None)
        if stamp is None:
            head = line.header
            stamp = head[1] if head is not None else None
        target = told.pop("target", None)
        if target is not None:
            told["path"], mark, query = target.partition("?")
            if mark:
                told["query"] = query
        return self.made(line, line.at if stamp is None else line.stamps.at(stamp, line.now), told)

    def fits(self, line: Line) -> re.Match[str] | None:
        """Return how the pattern fits the line, or its message in syslog, None where it does not."""
        if self._match is None:
            self._match = self.event.regex.match
            names = self.event.regex.groupindex
            self._names = sorted(names, key=names.__getitem__)
        found: re.Match[str] | None = None if self._syslog else self._match(line.text)
        if found is None and self._programs:
            start = self.start(line)
            if start >= 0:
                found = self._match(line.text, start)
        return None if found is None or (self._guarded and self._doubtful(line.text, found)) else found

    def _doubtful(self, text: str, found: re.Match[str]) -> bool:
        """Tell whether a line that fits may say what its client wrote, or says that nothing came of it."""
        once, equal = self.event.once, self.event.equal
        if equal and found[equal[0]] != found[equal[1]]:
            return True
        return bool(once and text.count(once) > 1) or any(word in text for word in self.event.never)


class JsonFit(Fit):
    """An event of lines that are JSON objects."""

    def __init__(self, parser: Parser, event: Event, trusted: Trusted) -> None:
        """Take an event; its paths are split once."""
        super().__init__(parser, event, trusted)
        self._keys = tuple((name, _paths(paths)) for name, paths in event.keys.items())
        self._match: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] | None = None

    def entry(self, line: Line) -> LogEntry | None:
        """Return what the line tells, None where it does not fit."""
        document = self.document(line)
        if document is None:
            return None
        told = self._matched(document)
        if told is None:
            return None
        for name, paths in self._keys:
            said = self._scaled(name, _first(document, paths))
            if said not in UNSAID:
                told.setdefault(name, said)
        target = told.pop("target", None)
        if target is not None:
            told["path"], mark, query = target.partition("?")
            if mark:
                told["query"] = query
        told.update(self.event.constants)
        stamp = told.pop("at", "")
        return self.made(line, line.stamps.at(stamp, line.now) if stamp else line.at, told)

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

    def _scaled(self, name: str, said: str) -> str:
        scale = self.event.scale.get(name)
        if scale is None or not said:
            return said
        try:
            return f"{float(said) * scale:.10g}"
        except ValueError:
            return ""


def fits(parsers: Mapping[str, Parser], trusted: Trusted) -> list[Fit]:
    """Return the events of parsers in the order in which they are tried."""
    ordered = sorted(parsers.values(), key=lambda parser: (parser.order, parser.name))
    return [_fit(parser, event, trusted) for parser in ordered for event in parser.events]


def _fit(parser: Parser, event: Event, trusted: Trusted) -> Fit:
    kind = JsonFit if parser.frame is Frame.JSON else TextFit
    return kind(parser, event, trusted)


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
