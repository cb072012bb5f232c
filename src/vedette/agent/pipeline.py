"""From a chunk of lines to what is done about it, in the thread that read it: no queue in which an attacker would wait.

Threads of sources take turns. While one chunk is worked on no other is read, so nothing piles up in memory: the logs
themselves are the queue.
"""

import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

from vedette.agent.ports import Decides, Detects, Reads, Reports, Say
from vedette.core.clock import Clock
from vedette.instruments.logs.sources.types import Chunk, Notice
from vedette.wire.agent.types import Detection, Happening

_SEVERITY: Mapping[str, str] = {"unreadable": "high", "silent": "high", "lost": "high", "journal": "high"}


class Engine(NamedTuple):
    """Who reads the lines of a source, and who counts what they tell."""

    reader_of: Callable[[str], Reads]
    detector: Detects


class Pipeline:
    """Takes chunks and tells. `failed` counts chunks that broke something, `detections` what was met."""

    def __init__(self, engine: Engine, decides: Decides, reports: Reports, clock: Clock, say: Say) -> None:
        self._engine, self._decides, self._reports = engine, decides, reports
        self._clock, self._say = clock, say
        self._lock = threading.Lock()
        self.failed = 0
        self.detections = 0

    def take(self, chunk: Chunk) -> None:
        """Work on a chunk to its end; one that breaks something is left, told once, and others go on."""
        with self._lock:
            try:
                self._work(chunk)
            except Exception as error:  # noqa: BLE001 - hostile lines must not end the watch over all others
                self._broke(chunk, error)

    def notice(self, notice: Notice) -> None:
        """Tell a person and the server what a source has to say."""
        self._say(notice.text)
        severity = "info" if notice.resolved else _SEVERITY.get(notice.kind, "medium")
        told = Happening(
            at=notice.at,
            kind=f"log-{notice.kind}",
            subject=notice.source,
            text=notice.text,
            severity=severity,
            resolved=notice.resolved,
        )
        self._reports.report([told])

    def _work(self, chunk: Chunk) -> None:
        found: list[Detection] = []
        try:
            for entry in self._engine.reader_of(chunk.source).entries(
                chunk.data, chunk.source, chunk.read_at
            ):
                for detection in self._engine.detector.pour(entry, chunk.read_at):
                    self._decides.consider(detection, self._clock.now())
                    found.append(detection)
        finally:
            self.detections += len(found)
            if found:
                self._reports.report(found)

    def _broke(self, chunk: Chunk, error: Exception) -> None:
        self.failed += 1
        if self.failed == 1:
            text = f"Lines of {chunk.source} could not be worked on and are left out: {type(error).__name__}: {error}"
            self.notice(Notice(chunk.source, "broken", text[:500], self._clock.now()))
