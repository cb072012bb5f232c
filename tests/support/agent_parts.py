"""Parts of an agent that a test looks into: a reader of one word, a detector of every entry, deciders and carriers that remember."""

import threading
from collections.abc import Iterator, Mapping, Sequence

from vedette.instruments.logs.sources.types import Chunk, Standing, Take
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.wire.agent.types import Detection, Report


class Words:
    """Implements `Reads`: a line `failed ADDRESS` is a failed sign-in; `bomb` breaks it."""

    def entries(self, chunk: bytes, source: str, now: float) -> Iterator[LogEntry]:
        for line in chunk.decode().splitlines():
            if line == "bomb":
                raise ZeroDivisionError("a fault of ours")
            word, _, address = line.partition(" ")
            if word == "failed":
                yield LogEntry(
                    parser="words", event="failed", kind=EntryKind.LOGIN_FAILED, service="ssh", at=now, address=address,
                    source=source,
                )  # fmt: skip


class Eager:
    """Implements `Detects`: every entry is a detection."""

    def pour(self, entry: LogEntry, now: float) -> Sequence[Detection]:
        return [
            Detection(id="d", at=now, rule="eager", reason="it failed", severity="high", service=entry.service, address=entry.address)
        ]  # fmt: skip


class Remembering:
    """Implements `Decides` and `Reports`; `said` is what was told, `did` what was called, in order."""

    def __init__(self) -> None:
        self.banned: list[str] = []
        self.said: list[Report] = []
        self.did: list[str] = []
        self.ticked = threading.Event()

    def start(self, now: float = 0.0) -> None:
        self.did.append("start")

    def consider(self, detection: Detection, now: float) -> None:
        self.banned.append(detection.address)

    def tick(self, now: float) -> None:
        self.ticked.set()

    def close(self) -> None:
        self.did.append("close")

    def report(self, reports: Sequence[Report]) -> None:
        self.said += reports

    def waiting(self) -> Mapping[str, int]:
        return {"facts": len(self.said)}

    def stop(self) -> None:
        self.did.append("stop")


class Once:
    """Implements `Follows`: hands out one chunk and waits to be stopped; with `fault` it breaks then."""

    def __init__(self, take: Take, data: bytes, fault: Exception | None = None) -> None:
        self._take, self._data, self._fault = take, data, fault
        self._stopping = threading.Event()

    def run(self) -> None:
        self._take(Chunk("once", self._data, 1.0))
        if self._fault is not None:
            raise self._fault
        self._stopping.wait()

    def stop(self) -> None:
        self._stopping.set()

    def standings(self) -> Sequence[Standing]:
        return [Standing(source="once", state="followed", since=1.0, lines=1)]
