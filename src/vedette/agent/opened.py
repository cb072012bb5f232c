"""Files of logs as chunks of whole lines: plain or gzip'd, in a bounded amount of memory."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from vedette.core.errors import ConfigError

CHUNK = 256 * 1024
LONGEST_LINE = 1 << 20  # what is longer is skipped up to its end
_GZIP = b"\x1f\x8b"
STDIN = "-"


def chunks(path: str) -> Iterator[bytes]:
    """Yield the lines of a file (`-`: standard input) in chunks that end with a line. Raise `ConfigError` where it cannot be read."""
    try:
        yield from whole_lines(_opened(path))
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigError(f"{path}: cannot be read ({error}).") from error


def whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what a stream holds in chunks of whole lines; the last line may lack its end. Longer lines than 1 MiB are left out."""
    carried = b""
    skipping = False
    while block := stream.read(CHUNK):
        head, end, tail = block.rpartition(b"\n")
        if not end:
            carried = b"" if skipping else carried + block
            skipping = skipping or len(carried) > LONGEST_LINE
            carried = b"" if skipping else carried
            continue
        if skipping:
            head = head.partition(b"\n")[2]
            skipping = False
        if carried or head:
            yield carried + head + end
        carried = tail
    if carried:
        yield carried


def changed_at(path: str, now: float) -> float:
    """Return when a file was last written to, `now` of standard input: stamps without a year are before it."""
    if path == STDIN:
        return now
    try:
        return Path(path).stat().st_mtime
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}).") from error


def _opened(path: str) -> BinaryIO:
    if path == STDIN:
        return sys.stdin.buffer
    stream = Path(path).open("rb")  # noqa: SIM115 - it is read to its end
    start = stream.read(2)
    stream.seek(0)
    if start == _GZIP:
        return cast("BinaryIO", gzip.GzipFile(fileobj=stream))
    return stream
