"""Reading logs for which nobody named a parser: each is bound to whose lines it holds, by its own content, before it is read."""

import os
from collections.abc import Iterator
from pathlib import Path

from vedette.agent.drifted import SOURCE as DRIFT
from vedette.agent.ports import Say
from vedette.instruments.logs.binding import NOBODY, OWN, SYSLOG, Binding
from vedette.instruments.logs.reading import Reader
from vedette.instruments.logs.sources.journal import NAME as JOURNAL
from vedette.instruments.logs.sources.tail import NoFile, opened
from vedette.instruments.logs.types import LogEntry

SAMPLE = 32 * 1024  # bytes of a log, from its beginning and from its end, that are looked at
MOST_LOGS = 10_000


class Guessing:
    """Implements `ports.Reads`. What could not be bound is looked at again, ever more seldom; that nothing of it is read is said once."""

    def __init__(self, reader: Reader, say: Say) -> None:
        self._reader, self._say = reader, say
        self._bound: dict[str, Binding] = {
            JOURNAL: SYSLOG,
            DRIFT: Binding(framed=False, parsers=frozenset({OWN})),
        }
        self._tried: dict[str, int] = {}

    def entries(self, chunk: bytes, source: str, now: float) -> Iterator[LogEntry]:
        """Yield what whole lines tell that is wanted, of the programs whose log it is."""
        bound = self._bound.get(source)
        if bound is None:
            bound = self._look(source, chunk)
        return iter(()) if bound.nothing else self._reader.entries(chunk, source, now, bound)

    def _look(self, source: str, chunk: bytes) -> Binding:
        if len(self._tried) >= MOST_LOGS:
            self._tried.clear()
        tried = self._tried[source] = self._tried.get(source, 0) + 1
        if tried & (tried - 1):  # the first, second, fourth, eighth … time
            return NOBODY
        found = self._reader.bound(_lines(_sample(source) + chunk[:SAMPLE]), source)
        if not found.nothing:
            self._bound[source] = found
        elif tried == 2:
            self._say(f"{source}: it does not show whose log that is, so nothing of it is read. Name its `parser` in [[sources]].")  # fmt: skip
        return found


def _lines(sample: bytes) -> list[str]:
    return [text for line in sample.splitlines() if (text := line.decode("utf-8", "replace").strip())]


def _sample(source: str) -> bytes:
    """Return whole lines of a file's beginning and end; nothing of what is no file."""
    if not source.startswith("/"):
        return b""
    try:
        with os.fdopen(opened(Path(source)), "rb") as file:
            head = file.read(SAMPLE)
            end = file.seek(0, os.SEEK_END)
            file.seek(max(len(head), end - SAMPLE))
            tail = file.read(SAMPLE)
    except (OSError, NoFile):
        return b""
    return head.rpartition(b"\n")[0] + b"\n" + tail.partition(b"\n")[2]
