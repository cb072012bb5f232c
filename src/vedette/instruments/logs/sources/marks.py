"""Fingerprints of what lies before a position: they tell whether a file is still the one that was read, and where it goes on.

A file that was rewritten in place with its head cut off still holds the last lines that were handed out: there it goes on.
Pure functions of bytes.
"""

import hashlib

from vedette.instruments.logs.sources.types import Mark

WINDOW = 1024
_SURE = 16  # bytes a fingerprint must be of to find a place by it alone
_TRIES = 1_000_000  # line ends that are looked at, from the end on


def digest(data: bytes) -> str:
    """Return the fingerprint of some bytes."""
    return hashlib.blake2b(data, digest_size=12).hexdigest()


def mark_of(before: bytes) -> Mark:
    """Return the mark of a position that lies behind these bytes (the last 1 KiB of them counts)."""
    window = before[-WINDOW:]
    line = window[window.rfind(b"\n", 0, max(0, len(window) - 1)) + 1 :]
    return Mark(len(window), digest(window), len(line), digest(line)) if window else Mark()


def fits(before: bytes, mark: Mark) -> bool:
    """Tell whether these bytes, that lie before a position, end with what the mark is of."""
    if not mark.length:
        return True
    return len(before) >= mark.length and digest(before[-mark.length :]) == mark.digest


def found(content: bytes, mark: Mark, *, whole: bool) -> int | None:
    """Return where in a content the marked position lies (the last such place), or None.

    `whole` says that the content begins where its file does: less than the mark's window may be left of it there, and its
    last line alone decides.
    """
    end = len(content) + 1
    for _ in range(_TRIES):
        end = content.rfind(b"\n", 0, end - 1) + 1
        if not end:
            return None
        if _here(content, end, mark, whole=whole):
            return end
    return None


def _here(content: bytes, end: int, mark: Mark, *, whole: bool) -> bool:
    if mark.line_length >= _SURE and not _line_here(content, end, mark):
        return False
    if end >= mark.length:
        return mark.length >= _SURE and digest(content[end - mark.length : end]) == mark.digest
    return whole and mark.line_length >= _SURE


def _line_here(content: bytes, end: int, mark: Mark) -> bool:
    begin = end - mark.line_length
    if begin < 0 or content.rfind(b"\n", begin, end - 1) >= 0:
        return False
    if mark.line_length < mark.length and begin and content[begin - 1] != 0x0A:
        return False
    return digest(content[begin:end]) == mark.line_digest
