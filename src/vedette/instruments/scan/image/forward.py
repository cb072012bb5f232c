"""A stream that is read once, forwards: unpacked as it goes, hashed, and never more of it than is allowed."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable
from typing import IO, Protocol

import zstandard

from vedette.instruments.scan.inventory.types import Broken

MOST = 32 << 30  # bytes unpacked, of an archive or a layer
_ONCE = 64 << 20  # bytes of one read: an archive may claim a name of gigabytes
_CHUNK = 1 << 20
_BLOCK = 512
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
Failures = (OSError, EOFError, zlib.error, zstandard.ZstdError)


Tick = Callable[[], None]


def idle() -> None:
    """Do nothing."""


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes."""
        ...


class Forward:
    """As much of a file as `tarfile` needs to read an archive from its begin to its end; raises `Broken` beyond the bounds.

    `tick` is called before each read, and may end it by what it raises.
    """

    def __init__(self, source: Readable, most: int = MOST, tick: Tick = idle) -> None:
        self._tick = tick
        self._source, self._most, self._at = source, most, 0
        self._last = b""

    def tell(self) -> int:
        """Return how many bytes were read."""
        return self._at

    def seek(self, to: int, whence: int = io.SEEK_SET) -> int:
        """Go forwards to a place; raises `Broken` for one that lies behind."""
        if whence != io.SEEK_SET or to < self._at:
            raise Broken("The archive leads back to what was read.")
        while self._at < to:
            if not self.read(min(_CHUNK, to - self._at)):
                break
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, fewer at the end."""
        if not 0 <= size <= _ONCE:
            raise Broken("The archive holds a header that is far too large.")
        self._tick()
        try:
            found = self._source.read(size)
            while len(found) < size and (more := self._source.read(size - len(found))):
                found += more
        except Failures as error:
            raise Broken(f"The archive is cut off or damaged: {error}.") from None
        self._at, self._last = self._at + len(found), found
        if self._at > self._most:
            raise Broken(f"It unpacks to more than {self._most >> 30} GiB.")
        return found

    def ended(self) -> None:
        """Raise `Broken` unless an archive was read to its end, a block of zeros: `tarfile` takes a damaged header for one."""
        if len(self._last) != _BLOCK or any(self._last):
            raise Broken("The archive is cut off or damaged: it has no end.")

    def drain(self) -> None:
        """Read what is left."""
        while self.read(_CHUNK):
            pass


class Hashed:
    """A stream with the SHA-256 of what was read of it."""

    def __init__(self, source: Readable) -> None:
        self._source, self._sum = source, hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes."""
        found = self._source.read(size)
        self._sum.update(found)
        return found

    def hexdigest(self) -> str:
        """Return it in hexadecimal digits."""
        return self._sum.hexdigest()


class Peeked:
    """A stream whose first bytes were looked at, and come once more."""

    def __init__(self, head: bytes, source: Readable) -> None:
        self._head, self._source = head, source

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes."""
        found, self._head = self._head[:size], self._head[size:]
        return found or self._source.read(size)


def unpacked(head: bytes, source: Readable) -> Readable:
    """Return a stream unpacked, by its first bytes: gzip, Zstandard, or as it is."""
    whole = Peeked(head, source)
    if head.startswith(_GZIP):
        return gzip.GzipFile(fileobj=_file(whole))
    if head.startswith(_ZSTD):
        return zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
            _file(whole), read_across_frames=True
        )
    return whole


class _Raw(io.RawIOBase):
    def __init__(self, source: Readable) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, into: "memoryview | bytearray") -> int:  # type: ignore[override]
        found = self._source.read(len(into))
        into[: len(found)] = found
        return len(found)


def _file(source: Readable) -> IO[bytes]:
    return io.BufferedReader(_Raw(source), _CHUNK)
