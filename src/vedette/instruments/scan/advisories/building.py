"""A source becomes an index: record after record, in bounded memory."""

import gzip
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from vedette.instruments.scan.advisories import hints, osv, sources, storing
from vedette.instruments.scan.advisories.index import Writer
from vedette.instruments.scan.advisories.naming import canonical
from vedette.instruments.scan.advisories.types import BadFeed, BrokenRecord, FeedKind
from vedette.instruments.scan.types import Progress
from vedette.instruments.scan.versions import family

EVERYTHING = "all"
_NAMED = 20
_EVERY = 500
_GZIP = b"\x1f\x8b"


class Built(msgspec.Struct):
    """What an index was made of."""

    records: int = 0
    withdrawn: int = 0
    broken: int = 0
    broken_first: tuple[BrokenRecord, ...] = ()
    counts: Mapping[str, int] = {}
    covers: tuple[str, ...] = ()
    index_sha256: str = ""
    index_bytes: int = 0


class Plan(msgspec.Struct, frozen=True):
    """What is built: a source on this machine, what people call it, what it holds and is whole for."""

    source: Path
    name: str
    kind: FeedKind
    ecosystems: Sequence[str] = ()


def build(plan: Plan, index: Path, progress: Progress) -> Built:
    """Write the index of a source and return what is in it; raises `BadFeed` for what is no feed."""
    with _writing(index) as writer:
        if plan.kind is FeedKind.OSV:
            built = _advisories(plan, writer, progress)
        else:
            built = Built(records=_hints(plan, writer))
        if not built.records:
            raise BadFeed(f"{plan.name} holds no record that can be read: it is no feed{_first(built)}.")
    built.index_sha256, built.index_bytes = storing.sha256(index), index.stat().st_size
    return built


@contextmanager
def _writing(index: Path) -> Iterator[Writer]:
    try:
        writer = Writer(index)
        try:
            yield writer
            writer.close()
        finally:
            writer.abandon()
    except sqlite3.Error as error:
        raise BadFeed(f"The index {index} cannot be written: {error}.") from error


def _advisories(plan: Plan, writer: Writer, progress: Progress) -> Built:
    built, counts, broken = Built(), Counter[str](), list[BrokenRecord]()
    for number, member in enumerate(sources.members(plan.source, plan.name)):
        if number % _EVERY == 0:
            progress(f"{number:,} records", member.done or None)
        try:
            record = _record(member)
        except BadFeed as error:
            built.broken += 1
            broken += [BrokenRecord(member.name, str(error))] if len(broken) < _NAMED else []
            continue
        if record.withdrawn:
            built.withdrawn += 1
            continue
        built.records += 1
        writer.add(record)
        counts.update({ecosystem for ecosystem, *_ in record.packages})
    built.broken_first, built.counts = tuple(broken), dict(counts)
    built.covers = covered(counts, plan.ecosystems) if built.records else ()
    return built


def _record(member: sources.Member) -> osv.Record:
    if member.trouble:
        raise BadFeed(member.trouble)
    return osv.parse(member.data)


def covered(counts: Mapping[str, int], asked: Sequence[str]) -> tuple[str, ...]:
    """Return the ecosystems a source is whole for; raises `BadFeed` where only a person can tell.

    Advisories of one ecosystem name packages of others, too: that does not make them whole for those.
    """
    there = Counter[str]()
    for ecosystem, count in counts.items():
        there[family(ecosystem)] += count
    if EVERYTHING in asked or (not asked and len(there) == 1):
        return tuple(sorted(there))
    if not asked:
        told = ", ".join(f"{name} ({count:,})" for name, count in there.most_common(8)) or "no ecosystem"
        raise BadFeed(
            f"It has records of {told}. Say which of them it is whole for: --ecosystem NAME, or --ecosystem all."
        )
    return tuple(sorted(_found(each, {**counts, **there}) for each in asked))


def _found(asked: str, there: Mapping[str, int]) -> str:
    names = {name.lower(): name for name in there}
    found = names.get(canonical(asked).lower())
    if found is None:
        raise BadFeed(
            f"It has no record of {asked}; it has some of {', '.join(sorted(there)[:12]) or 'nothing'}."
        )
    return found


def _hints(plan: Plan, writer: Writer) -> int:
    read = hints.exploited if plan.kind is FeedKind.KEV else hints.likelihoods
    try:
        with _opened(plan.source) as file:
            return writer.hint(read(file))
    except (OSError, EOFError, zlib.error) as error:
        raise BadFeed(f"{plan.name} cannot be read: {str(error)[:120]!a}.") from None


@contextmanager
def _opened(source: Path) -> Iterator[BinaryIO]:
    with source.open("rb") as file:
        zipped = file.read(2) == _GZIP
        file.seek(0)
        opened = gzip.GzipFile(fileobj=file) if zipped else file
        yield cast("BinaryIO", _Bounded(opened))


class _Bounded:
    """A file of which so much can be read and no more, whatever it unpacks to."""

    closed = False

    def __init__(self, file: BinaryIO | gzip.GzipFile) -> None:
        self._file, self._left = file, hints.MOST_BYTES

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def flush(self) -> None:
        pass

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise BadFeed(f"It has more than {hints.MOST_BYTES >> 20} MiB unpacked: it is no feed.")
        return data

    read1 = read


def _first(built: Built) -> str:
    return (
        f" (first {built.broken_first[0].member}: {built.broken_first[0].why})" if built.broken_first else ""
    )
