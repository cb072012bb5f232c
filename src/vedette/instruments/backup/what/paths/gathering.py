"""Paths as they are when they are saved: counted, listed and some of them hashed, in one walk whose memory does not grow."""

import hashlib
import heapq
import itertools
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from vedette.core import names
from vedette.instruments.backup import excluding
from vedette.instruments.backup.types import Failed, Gathered, Tools
from vedette.instruments.backup.what import staged
from vedette.instruments.backup.what.paths.listing import FILE, FOLDER, LINK, Line, Names, Writer, line_of
from vedette.instruments.backup.what.paths.settings import Paths, tops_of
from vedette.instruments.backup.what.walking import Seen, Walk
from vedette.wire.backup import Failure, Manifest, Part, Sampled

LIST, LIST_SHA256, BEGAN, TOPS, WENT = "list", "list_sha256", "began", "tops", "went"
MOST_UNREAD = 1_000
SAMPLES = 64
_LEAST_HASHED, _MOST_HASHED = 16 << 20, 256 << 20  # bytes
_SHARE = 50  # a fiftieth of all is hashed: reading twice costs time
_EVERY = 5_000
_NEVER = ("/proc", "/sys", "/dev", "/run")


def gather(settings: Paths, staging: Path, tools: Tools, kind: str = "paths") -> Gathered:
    """Walk the paths and return them with their witness; raises SOURCE_MISSING and SOURCE_EMPTY."""
    tops = tops_of(settings.paths)
    excludes = (*excluding.within(settings.excludes, tops), *_never(tops), *_ours(tops, tools.state, staging))
    hidden = (names.written(tools.state),) if _holds(tops, tools.state) else ()
    walk = Walk(
        leaves_out=excluding.leaving_out((*excludes, *hidden)), one_file_system=settings.one_file_system
    )
    with staged.unread():
        counted = _Count(staging / "paths.list", tools)
        for top in tops:
            counted.take(walk, str(top), may_be_empty=settings.may_be_empty)
        part = counted.part(kind, staging / "paths.list", tops)
    return Gathered(
        part=part, paths=tops, excludes=excludes, one_file_system=settings.one_file_system,
        steady=(staging / "paths.list",),
    )  # fmt: skip


def tops_in(part: Part) -> tuple[str, ...]:
    """Return the paths (written names) that were walked when a part was made."""
    return _names(part, TOPS)


def without(manifest: Manifest, gone: Collection[str]) -> Manifest:
    """Return a manifest that remembers of its lists which names (written) went before the engine came to them."""
    if not gone:
        return manifest
    went = {WENT: msgspec.json.encode(sorted(gone)[:MOST_UNREAD]).decode()}
    parts = (
        msgspec.structs.replace(part, facts={**part.facts, **went}) if LIST in part.facts else part
        for part in manifest.parts
    )
    return msgspec.structs.replace(manifest, parts=tuple(parts))


def went_of(part: Part) -> tuple[str, ...]:
    """Return the names that went before the engine came to them."""
    return _names(part, WENT)


def _names(part: Part, fact: str) -> tuple[str, ...]:
    try:
        return msgspec.json.decode(part.facts.get(fact, "[]"), type=tuple[str, ...])
    except msgspec.DecodeError:
        return ()


class _Count:
    """What was seen so far."""

    def __init__(self, path: Path, tools: Tools) -> None:
        self._tools, self._began = tools, tools.now()
        self._writer, self._names, self._chosen = Writer(path), Names(), _Chosen(self._began)
        self._unread: list[str] = []
        self._of = {FILE: 0, FOLDER: 0, LINK: 0}
        self._bytes = self._other = self._unseen = 0

    def take(self, walk: Walk, top: str, *, may_be_empty: bool) -> None:
        """Count what is below a path; raises SOURCE_EMPTY where nothing is."""
        before = self._bytes, self._of[LINK], self._unseen
        for seen in walk.below(top):
            self._note(seen)
        if before == (self._bytes, self._of[LINK], self._unseen) and not may_be_empty:
            raise Failed(Failure.SOURCE_EMPTY, f"{names.written(top)} holds no file with anything in it.")

    def part(self, kind: str, path: Path, tops: tuple[Path, ...]) -> Part:
        """Close the list and return what was seen."""
        digest = self._writer.close()
        facts = {LIST: names.written(path), LIST_SHA256: digest, BEGAN: str(self._began), "folders": str(self._of[FOLDER]),
                 "links": str(self._of[LINK]), "left_out": str(self._other), "unread": str(self._unseen),
                 TOPS: msgspec.json.encode([names.written(top) for top in tops]).decode()}  # fmt: skip
        return Part(
            what=kind, files=self._of[FILE], bytes=self._bytes, names=self._names.hexdigest(),
            samples=tuple(self._chosen.hashed(self._bytes)), facts=facts, unread=tuple(self._unread),
        )  # fmt: skip

    def _note(self, seen: Seen) -> None:
        line = _line(seen)
        if line is None:
            self._missed(seen.path)
        elif line.kind not in self._of:
            self._other += 1  # sockets, pipes and devices hold nothing that could be saved
        else:
            self._count(line)

    def _count(self, line: Line) -> None:
        self._of[line.kind] += 1
        self._bytes += line.size
        self._writer.write(line)
        if line.kind == FILE:
            self._names.add(line.name, line.size)
            self._chosen.offer(line)
            if self._of[FILE] % _EVERY == 0:
                staged.told(self._tools, "Looking at what is to be saved", self._of[FILE], self._bytes)

    def _missed(self, path: str) -> None:
        self._unseen += 1
        if len(self._unread) < MOST_UNREAD:
            self._unread.append(names.written(path))


class _Chosen:
    """Files whose content is hashed: those with the smallest hash of their name, another choice each time (bottom-k sampling)."""

    def __init__(self, seed: float) -> None:
        self._key = str(seed).encode()[:64]
        self._heap: list[tuple[int, str, int]] = []

    def offer(self, line: Line) -> None:
        """Take a file into account."""
        digest = hashlib.blake2b(line.name.encode(), digest_size=8, key=self._key).digest()
        entry = (-int.from_bytes(digest, "big"), line.name, line.size)
        if len(self._heap) < SAMPLES:
            heapq.heappush(self._heap, entry)
        elif entry > self._heap[0]:
            heapq.heapreplace(self._heap, entry)

    def hashed(self, size: int) -> Iterator[Sampled]:
        """Yield the hashes of those that fit into what may be read, and that nobody changed meanwhile."""
        left = min(_MOST_HASHED, max(_LEAST_HASHED, size // _SHARE))
        for _, name, bytes_ in sorted(self._heap, reverse=True):
            if bytes_ > left:
                continue
            found = _sampled(name, bytes_)
            left -= bytes_
            if found is not None:
                yield found


def _sampled(name: str, size: int) -> Sampled | None:
    path = Path(names.read(name))
    try:
        before = path.lstat()
        digest = staged.sha256(path)
        after = path.lstat()
    except OSError:
        return None
    still = before.st_mtime_ns == after.st_mtime_ns and before.st_size == after.st_size == size
    return Sampled(name, size, digest) if still else None


def _line(seen: Seen) -> Line | None:
    if seen.stat is None or not _readable(seen):
        return None
    try:
        return line_of(seen.path, seen.stat)
    except OSError:
        return None


def _readable(seen: Seen) -> bool:
    assert seen.stat is not None  # noqa: S101 - looked at before
    if not stat.S_ISREG(seen.stat.st_mode) or os.geteuid() == 0:
        return True
    return os.access(seen.path, os.R_OK, effective_ids=True)


def _never(tops: tuple[Path, ...]) -> tuple[str, ...]:
    """What the kernel makes up is no data, where the whole host is saved."""
    return _NEVER if Path("/") in tops else ()


def _holds(tops: tuple[Path, ...], path: Path) -> bool:
    return any(path.resolve().is_relative_to(top) for top in tops)


def _ours(tops: tuple[Path, ...], state: Path, staging: Path) -> tuple[str, ...]:
    """Our own caches are left out where they lie in what is saved, and our dumps are not: they are a part of the backup."""
    if not _holds(tops, state) or not staging.is_relative_to(state):
        return ()
    way = [staging, *itertools.takewhile(lambda folder: folder != state, staging.parents), state]
    return tuple(
        excluding.exactly(entry)
        for inner, folder in itertools.pairwise(way[1:])
        for entry in sorted(folder.iterdir())
        if entry != inner
    )
