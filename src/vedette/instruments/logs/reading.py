"""Lines of logs become entries: those that hold nothing of what is wanted never reach Python."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from vedette.instruments.logs import framing, patterns, prefilter
from vedette.instruments.logs.addresses import Trusted
from vedette.instruments.logs.compiling import Parser
from vedette.instruments.logs.explaining import Explained, explained
from vedette.instruments.logs.fitting import Line, fits
from vedette.instruments.logs.instants import Stamps
from vedette.instruments.logs.types import LONGEST, EntryKind, LogEntry
from vedette.instruments.logs.wanting import Wanted

CHUNK = 256 * 1024  # bytes that are scanned at once
SOURCES = 1_000  # sources whose last stamp is remembered
WIDEST = 4  # bytes of a character


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
        self._fits = fits(parsers, Trusted(trusted_proxies))
        self._wanted = wanted
        self._zone = zone
        self._stamps: dict[str, Stamps] = {}
        self._every = len(self._fits)  # the number of what any request's line may hold
        self._requests = [number for number, fit in enumerate(self._fits) if fit.request]
        self._scan = prefilter.scanner(self._sought(), engine, cache or patterns.folder())

    def _sought(self) -> list[prefilter.Sought]:
        kinds, requests = self._wanted.kinds, self._wanted.requests
        some = [] if EntryKind.REQUEST not in kinds or requests is None else requests
        literals = (
            prefilter.literal(text, number)
            for number, fit in enumerate(self._fits)
            if fit.event.kind in kinds and not (fit.request and requests is not None)
            for text in fit.witnesses
        )
        return [*literals, *(prefilter.Sought(pattern, self._every, caseless=True) for pattern in some)]

    def entries(self, chunk: bytes, source: str, now: float) -> Iterator[LogEntry]:
        """Yield what whole lines tell, in their order; `now` is when they were read."""
        for part in _parts(chunk):
            self.seen.lines += part.count(b"\n") + (not part.endswith(b"\n"))
            self.seen.too_long += _too_long(part)
            end = -1
            candidates: list[int] = []
            text = b""
            for number, at in [*self._scan(part)]:
                if at - 1 > end:
                    if candidates:
                        yield from self._told(text, candidates, source, now)
                    start = part.rfind(b"\n", 0, at - 1) + 1
                    end = part.find(b"\n", at - 1)
                    if end < 0:
                        end = len(part)
                    text = part[start:end]
                    candidates = [number]
                elif number not in candidates:
                    candidates.append(number)
            if candidates:
                yield from self._told(text, candidates, source, now)

    def _told(self, raw: bytes, candidates: list[int], source: str, now: float) -> Iterator[LogEntry]:
        """Yield what one line tells: once, or as often as syslog says that it was repeated."""
        text = _decoded(raw)
        if text is None:
            return
        times = 1
        if text.startswith(("{", "2")):
            text, outer = framing.unwrapped(text)
        else:
            outer = ""
        if "message repeated " in text:
            text, times = framing.repeated(text)
        line = Line(text, source, now, self._stamps_of(source), outer)
        entry = self._first(line, candidates)
        if entry is not None:
            self.seen.entries += times
            for _ in range(times):
                yield entry

    def _first(self, line: Line, candidates: list[int]) -> LogEntry | None:
        if len(candidates) > 1:
            candidates.sort()
        for number in candidates:
            if number == self._every:
                return self._request(line)
            entry = self._fits[number].entry(line)
            if entry is not None:
                return entry
        return None

    def _request(self, line: Line) -> LogEntry | None:
        for number in self._requests:
            fit = self._fits[number]
            if any(text in line.text for text in fit.witnesses):
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

    def explain(self, line: bytes, now: float, source: str = "") -> Explained:
        """Return which event fits a line, whatever is wanted, and where none does, which is the nearest and why not."""
        text = _decoded(line.rstrip(b"\r\n"))
        if text is None:
            return Explained(too_long=True)
        text, outer = framing.unwrapped(text)
        text, _ = framing.repeated(text)
        return explained(Line(text, source, now, Stamps(self._zone), outer), self._fits, self._wanted)


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


def _decoded(raw: bytes) -> str | None:
    """Return a line as text, None where it has more characters than a line may have."""
    if len(raw) > LONGEST:
        if len(raw) > LONGEST * WIDEST:
            return None
        text = raw.decode("utf-8", "replace")
        return text if len(text) <= LONGEST else None
    return raw.decode("utf-8", "replace").rstrip("\r")


__all__ = ["Explained", "Reader", "Seen"]
