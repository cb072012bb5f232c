"""Lines of logs become entries: those that hold nothing of what is wanted never reach Python."""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from vedette.instruments.logs import binding, patterns, prefilter
from vedette.instruments.logs.addresses import Trusted
from vedette.instruments.logs.binding import Binding
from vedette.instruments.logs.compiling import Parser
from vedette.instruments.logs.explaining import Explained, explained
from vedette.instruments.logs.fitting import UNCLEAR, Fit, JsonFit, Line, fits
from vedette.instruments.logs.instants import Stamps
from vedette.instruments.logs.types import LONGEST, EntryKind, LogEntry
from vedette.instruments.logs.wanting import Wanted

CHUNK = 256 * 1024  # bytes that are scanned at once
SOURCES = 1_000  # sources whose last stamp is remembered
WIDEST = 4  # bytes of a character
Only = frozenset[str] | None  # names of parsers, None for all


class Seen(msgspec.Struct):
    """What a reader has seen so far: lines in all, those too long to be read, entries made."""

    lines: int = 0
    too_long: int = 0
    entries: int = 0


class Reader:
    """Reads lines of any source with all parsers; not for several threads at once."""

    def __init__(
        self,
        parsers: Mapping[str, Parser],
        wanted: Wanted,
        *,
        zone: datetime.tzinfo = datetime.UTC,
        trusted_proxies: Iterable[str] = (),
        engine: str = "auto",
        cache: Path | None = None,
    ) -> None:
        """Take parsers by name and what is wanted of them.

        `zone` is that of stamps without one. `trusted_proxies` (CIDR) are believed about their clients. `engine` is
        `hyperscan`, `re2` or `auto`; `cache` the folder of its compiled patterns, by default `patterns.folder()`.
        Raise ValueError for a wrong network or pattern.
        """
        self.seen = Seen()
        self._parsers = parsers
        self._trusted = Trusted(trusted_proxies)
        self._fits = fits(parsers, self._trusted, wanted.fields)
        self._wanted = wanted
        self._zone = zone
        self._stamps: dict[str, Stamps] = {}
        self._some = wanted.patterns()
        self._kinds = {  # what any line of a kind may hold has one number, beyond those of events
            number: tuple(
                (text, fit) for fit in self._fits if fit.event.kind is kind for text in fit.witnesses
            )
            for number, kind in enumerate(self._some, start=len(self._fits))
        }
        self._objects = {
            number: tuple((text, fit) for text, fit in found if isinstance(fit, JsonFit))
            for number, found in self._kinds.items()
        }
        self._scan = prefilter.scanner(self._sought(), engine, cache or patterns.folder())

    def _sought(self) -> list[prefilter.Sought]:
        kinds = self._wanted.kinds - self._some.keys()
        literals = (
            prefilter.literal(text, number)
            for number, fit in enumerate(self._fits)
            if fit.event.kind in kinds
            for text in fit.witnesses
        )
        some = (
            prefilter.Sought(pattern, number, caseless=True)
            for number, kind in enumerate(self._some, start=len(self._fits))
            for pattern in self._patterns(kind, number)
        )
        return [*literals, *some]

    def _patterns(self, kind: EntryKind, number: int) -> Iterable[str]:
        """Return patterns of the lines of a kind that are wanted: of those that are no requests they hold a witness, too."""
        found = self._some[kind]
        witnesses = "|".join(re.escape(text) for text, _ in self._kinds[number])
        if kind is EntryKind.REQUEST or not found or not witnesses:
            return found  # nearly all lines of an access log hold the witness of a request
        either = "|".join(found)
        return (f"(?:{witnesses}).*(?:{either})", f"(?:{either}).*(?:{witnesses})")

    def entries(
        self, chunk: bytes, source: str, now: float, bound: Binding | None = None
    ) -> Iterator[LogEntry]:
        """Yield what whole lines tell, in their order; `now` is when they were read, `bound` whose lines these may be."""
        line = Line(source, now, self._stamps_of(source))
        for part in _parts(chunk):
            self.seen.lines += part.count(b"\n") + (not part.endswith(b"\n"))
            self.seen.too_long += _too_long(part)
            told = 0
            clear = (
                part.decode("ascii") if part.isascii() else ""
            )  # at once: its characters stand where its bytes do
            for start, end, numbers in _candidates(part, self._scan(part)):
                text = _cut(clear, start, end) if clear else _decoded(part[start:end])
                if text is None:
                    continue
                line.take(text)
                if bound is not None and (line.head is not None) is not bound.framed:
                    continue
                entry = self._first(line, numbers, None if bound is None else bound.parsers)
                if entry is not None:
                    told += 1 + line.more
                    yield entry
                    for _ in range(line.more):  # syslog said that it was repeated
                        yield entry
            self.seen.entries += told

    def _first(self, line: Line, numbers: list[int], only: Only) -> LogEntry | None:
        if len(numbers) > 1:
            numbers.sort()
        unclear = None
        for number in numbers:
            entry = (
                self._of_kind(line, number, only)
                if number in self._kinds
                else _entry(self._fits[number], line, only)
            )
            if entry is not None:
                if entry.event != UNCLEAR:
                    return entry
                unclear = unclear or entry
        return unclear

    def _of_kind(self, line: Line, number: int, only: Only) -> LogEntry | None:
        text = line.text
        for witness, fit in (self._objects if text.startswith("{") else self._kinds)[number]:
            if (only is None or fit.parser.name in only) and witness in text:
                entry = fit.entry(line)
                if entry is not None:
                    return entry
        return None

    def _stamps_of(self, source: str) -> Stamps:
        found = self._stamps.get(source)
        if found is None:
            if len(self._stamps) >= SOURCES:
                self._stamps.clear()
            found = self._stamps[source] = Stamps(self._zone)
        return found

    def bound(self, lines: list[str], source: str) -> Binding:
        """Return whose lines a log of this path holds, judged by some of them."""
        line = Line(source, 0.0, Stamps(self._zone))
        return binding.judged(lines, source, self._parsers, fits(self._parsers, self._trusted), line)

    def explain(self, line: bytes, now: float, source: str = "") -> Explained:
        """Return which event fits a line, whatever is wanted, and where none does, which is the nearest and why not."""
        text = _decoded(line.rstrip(b"\r\n"))
        if text is None:
            return Explained(too_long=True)
        taken = Line(source, now, Stamps(self._zone))
        taken.take(text)
        return explained(taken, fits(self._parsers, self._trusted), self._wanted)


def _entry(fit: Fit, line: Line, only: Only) -> LogEntry | None:
    return fit.entry(line) if only is None or fit.parser.name in only else None


def _parts(chunk: bytes) -> Iterator[bytes]:
    """Yield a chunk in parts of whole lines, as large as is scanned at once; a longer line is a part of its own."""
    if len(chunk) <= CHUNK:
        if chunk:
            yield chunk
        return
    start = 0
    while start < len(chunk):
        end = (
            chunk.rfind(b"\n", start, start + CHUNK) + 1 or chunk.find(b"\n", start + CHUNK) + 1 or len(chunk)
        )
        yield chunk[start:end]
        start = end


def _candidates(part: bytes, hits: list[prefilter.Hit]) -> Iterator[tuple[int, int, list[int]]]:
    """Yield the lines that have hits: where each begins and ends, and the numbers of what it holds."""
    end = -1
    start = 0
    numbers: list[int] = []
    for number, at in hits:
        if at - 1 <= end:
            if number not in numbers:
                numbers.append(number)
            continue
        if numbers:
            yield start, end, numbers
        start = part.rfind(b"\n", 0, at - 1) + 1
        end = part.find(b"\n", at - 1)
        if end < 0:
            end = len(part)
        numbers = [number]
    if numbers:
        yield start, end, numbers


def _too_long(part: bytes) -> int:
    """Return how many lines are longer than a line may be: looked at in steps of that length, not line by line."""
    count = start = 0
    while start + LONGEST < len(part):
        last = part.rfind(b"\n", start, start + LONGEST + 1)
        if last >= 0:
            start = last + 1
            continue
        end = part.find(b"\n", start + LONGEST)
        end = len(part) if end < 0 else end
        count += _decoded(part[start:end]) is None
        start = end + 1
    return count


def _cut(text: str, start: int, end: int) -> str | None:
    """Return a line of an ASCII text, None where it has more characters than a line may have."""
    if end - start > LONGEST:
        return None
    return text[start : end - 1] if text[end - 1] == "\r" else text[start:end]


def _decoded(raw: bytes) -> str | None:
    """Return a line as text, None where it has more characters than a line may have."""
    if len(raw) > LONGEST:
        if len(raw) > LONGEST * WIDEST:
            return None
        text = raw.decode("utf-8", "replace")
        return text if len(text) <= LONGEST else None
    text = raw.decode("utf-8", "replace")
    return text[:-1] if text.endswith("\r") else text


__all__ = ["Explained", "Reader", "Seen"]
