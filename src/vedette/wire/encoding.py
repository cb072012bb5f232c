"""Content encodings, undone in bounded steps: a bomb costs its limit in memory and no more."""

import base64
import binascii
import zlib
from collections.abc import Callable
from typing import Protocol

import brotli
import zstandard

from vedette.core.errors import Invalid

STEP = 1024 * 1024
_WINDOW = 8 * 1024 * 1024
_INPUT_STEP = 64 * 1024
_EMPTY = frozenset((b"", b"identity"))
Spend = Callable[[int], None]


class EncodingError(Invalid):
    """The body is not what its Content-Encoding says."""


class UnknownEncoding(Invalid):
    """Nobody here can undo this Content-Encoding."""


class TooLarge(Invalid):
    """The inflated body passes its limit."""


class _Codec(Protocol):
    """Hands out the inflated bytes in pieces."""

    done: bool

    def read(self, most: int) -> bytes:
        """Return at most about `most` bytes; sets `done` when nothing follows."""
        ...


class _Zlib:
    """gzip (of one or several members) and zlib; raw deflate where the body has no zlib header."""

    def __init__(self, body: bytes, window: int) -> None:
        self._window = window
        self._rest = body
        self._inflater = zlib.decompressobj(window)
        self._begun = False
        self.done = False

    def read(self, most: int) -> bytes:
        out = self._step(most)
        self._begun = True
        self._rest = self._inflater.unconsumed_tail
        if self._inflater.eof:
            self._next_member()
        elif not self._rest and len(out) < most:
            raise EncodingError("The compressed body ends in the middle.")
        return out

    def _step(self, most: int) -> bytes:
        try:
            return self._inflater.decompress(self._rest, most)
        except zlib.error:
            if self._begun or self._window != zlib.MAX_WBITS:
                raise
            self._window = -zlib.MAX_WBITS
            self._inflater = zlib.decompressobj(self._window)
            return self._inflater.decompress(self._rest, most)

    def _next_member(self) -> None:
        rest = self._inflater.unused_data
        if self._window > zlib.MAX_WBITS and rest[:2] == b"\x1f\x8b":
            self._rest = rest
            self._inflater = zlib.decompressobj(self._window)
        else:
            self.done = True


class _Brotli:
    def __init__(self, body: bytes) -> None:
        self._rest = memoryview(body)
        self._inflater = brotli.Decompressor()
        self.done = False

    def read(self, most: int) -> bytes:
        piece = b""
        if self._inflater.can_accept_more_data():
            piece, self._rest = bytes(self._rest[:_INPUT_STEP]), self._rest[_INPUT_STEP:]
        out: bytes = self._inflater.process(piece, output_buffer_limit=most)
        self.done = self._inflater.is_finished()
        if not (self.done or out or piece or self._rest):
            raise EncodingError("The compressed body ends in the middle.")
        return out


class _Zstd:
    def __init__(self, body: bytes) -> None:
        inflater = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        self._reader = inflater.stream_reader(body, read_across_frames=True)
        self._owed = _claimed_size(body)
        self.done = False

    def read(self, most: int) -> bytes:
        out = self._reader.read(most)
        self._owed -= len(out)
        self.done = len(out) < most
        if self.done and self._owed > 0:
            raise EncodingError("The compressed body ends in the middle.")
        return out


def _claimed_size(body: bytes) -> int:
    """Return the size a zstd frame claims to inflate to; 0 or less when it claims none."""
    try:
        return zstandard.frame_content_size(body)
    except zstandard.ZstdError:
        return 0


_CODECS: dict[bytes, Callable[[bytes], _Codec]] = {
    b"gzip": lambda body: _Zlib(body, zlib.MAX_WBITS | 16),
    b"x-gzip": lambda body: _Zlib(body, zlib.MAX_WBITS | 16),
    b"deflate": lambda body: _Zlib(body, zlib.MAX_WBITS),
    b"br": _Brotli,
    b"zstd": _Zstd,
}
_ERRORS = (zlib.error, brotli.error, zstandard.ZstdError)


class Inflation:
    """One body on its way to being inflated: `first` is cheap, `rest` may take long (give it a thread)."""

    def __init__(self, body: bytes, encoding: bytes, limit: int) -> None:
        self._codec = self._pick(encoding)(body)
        self._limit = limit
        self._body = body
        self._out: bytes | bytearray = b""

    @property
    def done(self) -> bool:
        """Return whether everything is inflated."""
        return self._codec.done

    def first(self) -> bytes:
        """Inflate the first `STEP` bytes; raises `EncodingError` or `TooLarge`.

        A body that claims to be compressed but is plain (a proxy undid it and left the header) passes as it is.
        """
        try:
            self._out = self._read()
        except EncodingError:
            if not self._body[:16].lstrip().startswith(b"{"):
                raise
            self._codec.done, self._out = True, self._body
            self._check()
        return self._out

    def rest(self, spend: Spend) -> bytes | bytearray:
        """Inflate what remains and return the whole; `spend` hears of every piece and may raise to stop it."""
        whole = bytearray(self._out)
        self._out = b""
        while not self._codec.done:
            piece = self._read(len(whole))
            spend(len(piece))
            whole += piece
        return whole

    def _read(self, so_far: int = 0) -> bytes:
        try:
            piece = self._codec.read(STEP)
        except _ERRORS as error:
            raise EncodingError(f"The body is not what its Content-Encoding says: {error}.") from None
        if so_far + len(piece) > self._limit:
            raise TooLarge(f"The body inflates to more than {self._limit} bytes.")
        return piece

    def _check(self) -> None:
        if len(self._out) > self._limit:
            raise TooLarge(f"The body is larger than {self._limit} bytes.")

    @staticmethod
    def _pick(encoding: bytes) -> Callable[[bytes], _Codec]:
        codec = _CODECS.get(encoding.strip().lower())
        if codec is None:
            name = encoding.decode("latin-1")[:40]
            raise UnknownEncoding(
                f"Content-Encoding {name!r} is not known here; send gzip, deflate, br, zstd or none."
            )
        return codec


def is_identity(encoding: bytes) -> bool:
    """Return whether a Content-Encoding leaves the body as it is."""
    return encoding in _EMPTY or encoding.strip().lower() in _EMPTY


def inflate(body: bytes, encoding: bytes, limit: int, spend: Spend = lambda _: None) -> bytes | bytearray:
    """Return a body without its encoding, at most `limit` bytes long.

    Raises `UnknownEncoding`, `EncodingError` or `TooLarge`.
    """
    if is_identity(encoding):
        if len(body) > limit:
            raise TooLarge(f"The body is larger than {limit} bytes.")
        return body
    inflation = Inflation(body, encoding, limit)
    out = inflation.first()
    return out if inflation.done else inflation.rest(spend)


def from_base64(body: bytes, limit: int) -> bytes | bytearray | None:
    """Return what a legacy `/store/` body of base64 over zlib holds; None when the body is not that.

    Raises `TooLarge`.
    """
    try:
        packed = base64.b64decode(body, validate=False)
        return inflate(packed, b"deflate", limit)
    except (binascii.Error, EncodingError):
        return None
