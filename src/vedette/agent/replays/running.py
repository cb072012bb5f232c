"""Making a replay: a host's own logs of some days through the engine that `vedette agent replay` uses, in the order of time.

Run as `python -m vedette.agent.replays.running` by `replays`: a process of its own at the lowest priority, so that what is live
waits for nothing; its question comes by standard input, its report goes to standard output. It ends with who asked.
"""

import contextlib
import heapq
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from pathlib import Path

import msgspec

from vedette.agent import ordered
from vedette.agent.config import Config, Source, again
from vedette.agent.detect.replaying import WANTED, Banned, Replay, Replayed
from vedette.agent.discovering import discovered
from vedette.agent.following import readers
from vedette.agent.reading import reader_of, rules_of
from vedette.agent.replays import past
from vedette.core.clock import SystemClock, monotonic
from vedette.core.errors import ConfigError, Invalid, VedetteError
from vedette.instruments.logs.sources.journal import NAME as JOURNAL
from vedette.instruments.logs.types import LogEntry
from vedette.wire.agent.deciding import sparing, targets
from vedette.wire.agent.deciding.networks import Networks
from vedette.wire.agent.deciding.sparing import Shelter
from vedette.wire.agent.types import ReplayOrder, ReplayReport, WouldBan

LONGEST = 600.0  # seconds of a replay; what was read until then counts
MOST_BANNED, MOST_SPARED, MOST_RULES = 100, 50, 50
_WORDS, _SHORT = 200, 80
_LOWEST = 19
_FIRST_TO_DIE = "800"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be replayed: the order, where the agent's configuration and state lie, and who is never banned there."""

    order: ReplayOrder
    file: str
    state: str
    spared: tuple[str, ...] = ()
    parent: int = 0


class Stopped(Exception):
    """Who asked has gone."""


class Past:
    """Lines of the past as entries in the order of time; counts what it reads, and stops in time."""

    def __init__(self, since: float, until: float, parent: int) -> None:
        self.files = self.bytes = 0
        self.cut = ""
        self._since, self._until, self._parent = since, until, parent
        self._ends = monotonic() + LONGEST

    def of(self, sources: Sequence[Source], read: "Read") -> Iterator[LogEntry]:
        """Yield the entries of all sources."""
        found, self.cut = past.held([one.path for one in sources if one.path], self._since)
        logs: dict[str, list[past.Held]] = {}
        for one in found:
            logs.setdefault(one.log, []).append(one)
        streams: list[Iterator[LogEntry]] = [
            chain.from_iterable(self._file(one, read) for one in files) for files in logs.values()
        ]
        journals = [one for one in sources if not one.path]
        if journals:
            whole = any(not one.units for one in journals)
            units = () if whole else tuple(unit for one in journals for unit in one.units)
            lines = past.journal(units, self._since, self._until)
            streams.append(self._entries(lines, JOURNAL, self._until, read))
        return heapq.merge(*streams, key=attrgetter("at"))

    def _file(self, one: past.Held, read: "Read") -> Iterator[LogEntry]:
        self.files += 1
        return self._entries(past.chunks(one), one.log, one.written_at, read)

    def _entries(self, chunks: Iterator[bytes], log: str, at: float, read: "Read") -> Iterator[LogEntry]:
        with contextlib.suppress(*past.CLOSED):  # one that went, or may not be read: the others count
            for chunk in chunks:
                if not self._may_go_on(len(chunk)):
                    return
                for entry in read(chunk, log, at):
                    if self._since <= entry.at <= self._until:
                        yield entry

    def _may_go_on(self, size: int) -> bool:
        if self._parent and os.getppid() != self._parent:
            raise Stopped
        self.bytes += size
        if self.bytes > 2 * past.MOST_BYTES:
            self.cut = self.cut or "what was packed is too much to be read to its end"
        elif monotonic() > self._ends:
            self.cut = f"it ended after {LONGEST / 60:.0f} minutes"
        else:
            return True
        return False


Read = Callable[[bytes, str, float], Iterator[LogEntry]]


def replay(job: Job, now: float) -> ReplayReport:
    """Return what a set of rules would have done on this host; raises `VedetteError` where that cannot be told."""
    config = again(Config(file=Path(job.file), state=Path(job.state)))
    told = ordered.read(config.state)
    rules = [one for one in rules_of(config, told, _say) if one.set == job.order.set]
    if not rules:
        raise Invalid(f"This host's agent has no set of rules {job.order.set}.")
    sources = discovered() if config.sources is None else config.sources
    if not sources:
        raise ConfigError("No log was found on this host.")
    lines: list[int] = []
    read = _read(config, told, sources, lines)
    began, seen = monotonic(), Past(now - job.order.seconds, now, job.parent)
    made = Replay(rules, _spares(job.spared))
    made.take(seen.of(sources, read))
    report = told_of(job.order.id, made.told(), now)
    return msgspec.structs.replace(
        report, files=seen.files, bytes=seen.bytes, lines=sum(lines), seconds=round(monotonic() - began, 3), cut=seen.cut
    )  # fmt: skip


def _read(config: Config, told: ordered.Ordered, sources: Sequence[Source], lines: list[int]) -> Read:
    reader = readers(sources, reader_of(config, told, WANTED, _say))

    def read(chunk: bytes, log: str, at: float) -> Iterator[LogEntry]:
        lines.append(chunk.count(b"\n"))
        return reader(log).entries(chunk, log, at)

    return read


def _spares(spared: Sequence[str]) -> Callable[[str], bool]:
    shelter = Shelter(Networks(sparing.addresses(spared, "spared")))

    def spares(address: str) -> bool:
        target = targets.of_address(address)
        net = targets.network(target) if target else None
        return net is None or shelter.why(net) is not None

    return spares


def told_of(number: str, seen: Replayed, now: float) -> ReplayReport:
    """Return what is sent of a replay: bounded, the innocents first."""
    return ReplayReport(
        at=now, id=number, state="done", first_at=seen.first_at, last_at=seen.last_at, detected=seen.detected,
        by_rule=dict(list(seen.by_rule.items())[:MOST_RULES]), would=len(seen.banned),
        innocents=sum(bool(one.innocent) for one in seen.banned),
        banned=tuple(_would(one) for one in seen.banned[:MOST_BANNED]), spared=tuple(seen.spared[:MOST_SPARED]),
    )  # fmt: skip


def _would(one: Banned) -> WouldBan:
    return WouldBan(
        address=one.address, first_at=one.first_at, last_at=one.last_at, seconds=one.seconds, rules=tuple(one.rules[:5]),
        times=one.times, lines=one.lines, innocent=one.innocent[:_WORDS],
    )  # fmt: skip


def _humble() -> None:
    """Take the processor only when nobody else wants it, and be the first to go where memory runs out."""
    os.nice(_LOWEST - os.nice(0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_FIRST_TO_DIE)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - the agent's log keeps it


def main() -> None:
    """Answer the question on standard input."""
    _humble()
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    now = SystemClock().now()
    try:
        found = replay(job, now)
    except VedetteError as error:
        found = ReplayReport(at=now, id=job.order.id, state="failed", why=str(error)[:_WORDS])
    except Stopped:
        return
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    main()
