"""What a file's bytes say: UTF-8 and Latin-1 as they are, UTF-16 and UTF-32 as UTF-8, and blobs of base64, one level deep."""

import base64
import binascii
import functools
from collections.abc import Iterator

from vedette.instruments.scan.secrets.types import Pattern

_LOOKED_AT = 8_192
_BYTES = 1024 * 1024  # of one blob
_MOST_ZEROS = 0.05  # of what is text all the same: records apart, or one put in to hide what stands there
_PRINTABLE = bytes([*range(32, 127), 9, 10, 13])
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_BLOB = r"[A-Za-z0-9+/_-]{40,}={0,2}"


def text_of(content: bytes) -> bytes | None:
    """Return what is to be searched, None for what is no text."""
    if content.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return content.decode("utf-32", "replace").encode()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace").encode()
    head = content[:_LOOKED_AT]
    if b"\0" not in head:
        return content
    if _is_nearly_text(head):
        return content
    order = _utf16(head)
    return content.decode(order, "replace").encode() if order else None


def blobs(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield what is written in base64 and is text when decoded, with where it begins."""
    pattern, at = _blob(), 0
    while (match := pattern.search(text, at)) is not None:
        at = match.end()
        decoded = _decoded(text[match.start() : min(at, match.start() + _BYTES)])
        if decoded:
            yield match.start(), decoded


@functools.cache
def _blob() -> Pattern:
    from vedette.instruments.scan.secrets.loading import compiled

    return compiled(_BLOB)


def _decoded(blob: bytes) -> bytes:
    """Return what a blob says, empty where it is no text."""
    bare = blob.rstrip(b"=").translate(_URL_SAFE)
    head = bare[:40]
    if head.translate(None, _PRINTABLE) or not _printable(base64.b64decode(head)):
        return b""
    try:
        decoded = base64.b64decode(bare[: len(bare) - (len(bare) % 4 == 1)] + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return b""
    return decoded if _printable(decoded) else b""


def _printable(decoded: bytes) -> bool:
    return len(decoded.translate(None, _PRINTABLE)) * 20 <= len(decoded)


def _is_nearly_text(head: bytes) -> bool:
    return head.count(0) <= len(head) * _MOST_ZEROS and _printable(head.replace(b"\0", b""))


def _utf16(head: bytes) -> str:
    """Return the order of UTF-16 without a mark: in most of what people write every other byte is zero."""
    half = len(head) // 2
    if half and head[1::2].count(0) >= half * 0.7 and head[::2].count(0) < half * 0.1:
        return "utf-16-le"
    if half and head[::2].count(0) >= half * 0.7 and head[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return ""
