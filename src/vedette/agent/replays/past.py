"""What a host's own logs hold of a time that is over: which files, how much of each, and their lines in chunks.

Bounded in bytes: the newest files count first, and of one that is too large its end. What is not read is told.
"""

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from vedette.agent.opened import whole_lines
from vedette.instruments.logs.sources.journal import FIELDS, line_of
from vedette.instruments.logs.sources.places import matches
from vedette.instruments.logs.sources.rotated import BROKEN, Packed, Sibling, siblings
from vedette.instruments.logs.sources.splitting import Splitter
from vedette.instruments.logs.sources.tail import NoFile, opened
from vedette.instruments.logs.sources.types import CHUNK

MOST_BYTES = 1024 * 1024 * 1024  # of lines, of all sources together
PACKED = 12  # times as large as a packed log is what is in it, as a rule
CLOSED = (*BROKEN, NoFile)  # what opening and reading one raises
_LONGEST_ENTRY = 4 * 1024 * 1024
_UNREADABLE = frozenset({".zst", ".Z"})


class Held(NamedTuple):
    """A file of a log or one before it: of which log, when it was written last, from which byte on it is read."""

    log: str
    file: Sibling
    written_at: float
    size: int
    start: int = 0


def held(patterns: Sequence[str], since: float, most: int = MOST_BYTES) -> tuple[list[Held], str]:
    """Return the files that hold lines since an instant, the oldest first, and a sentence about what does not fit, empty when all does."""
    found = sorted(
        {one.file.identity: one for pattern in patterns for path in matches(pattern) for one in _of(path, since)}.values(),
        key=lambda one: one.file.written, reverse=True,
    )  # fmt: skip
    kept: list[Held] = []
    left = most
    for one in found:
        if left <= 0:
            break
        whole = one.file.packed or one.size <= left
        kept.append(one if whole else one._replace(start=one.size - left))
        left -= one.size
    cut = len(kept) < len(found) or any(one.start for one in kept)
    return kept[::-1], f"only the newest {most // 1_048_576:,} MB of the logs were read" if cut else ""


def _of(path: Path, since: float) -> Iterator[Held]:
    for one in (*siblings(path), *_itself(path)):
        at = one.written[0] / 1e9
        if at >= since and one.path.suffix not in _UNREADABLE:
            size = one.path.stat().st_size * (PACKED if one.packed else 1)
            yield Held(str(path), one, at, size)


def _itself(path: Path) -> Iterator[Sibling]:
    try:
        found = path.stat()
    except OSError:
        return
    yield Sibling(path, (found.st_dev, found.st_ino), (found.st_mtime_ns, 0), packed=False)


def chunks(one: Held) -> Iterator[bytes]:
    """Yield the whole lines of a file; what is damaged ends it. Raises `OSError`, `NoFile` for one that cannot be opened."""
    if one.file.packed:
        packed = Packed(one.file)
        try:
            while found := packed.read():
                yield found
        finally:
            packed.close()
        return
    with os.fdopen(opened(one.file.path), "rb") as stream:
        stream.seek(max(0, one.start - 1))
        if one.start:
            stream.readline(CHUNK)  # the line that was cut
        yield from whole_lines(cast("BinaryIO", stream))


def journal(
    units: Sequence[str], since: float, until: float, program: Sequence[str] = ("journalctl",)
) -> Iterator[bytes]:
    """Yield what the journal holds from an instant to another as lines, as they are read live. Raises `OSError` where there is none."""
    command = [
        *program, "--output=json", "--all", "--quiet", "--no-pager", f"--output-fields={FIELDS}",
        f"--since=@{int(since)}", f"--until=@{int(until)}", *(f"--unit={unit}" for unit in units),
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdout is not None  # noqa: S101 - it was asked for
        splitter = Splitter(_LONGEST_ENTRY)
        try:
            while data := os.read(child.stdout.fileno(), CHUNK):
                lines = b"".join(_lines(splitter.feed(data)))
                if lines:
                    yield lines
        finally:
            child.kill()


def _lines(entries: bytes) -> Iterator[bytes]:
    for entry in entries.splitlines():
        try:
            yield line_of(entry)[0]
        except (ValueError, OverflowError, OSError):  # no JSON, no such instant
            continue
