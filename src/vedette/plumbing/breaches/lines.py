"""Reads lists of leaked passwords: `SHA-1:COUNT` lines as Have I Been Pwned offers them, or one password a line."""

import enum
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from vedette.core.errors import Invalid
from vedette.plumbing.breaches.layout import hash_of

_HASH = re.compile(rb"([0-9A-Fa-f]{40})(?::\s*\d*)?\s*")
_RANGE = re.compile(rb"[0-9A-Fa-f]{35}:\d+\s*")
_NTLM = re.compile(rb"[0-9A-Fa-f]{32}:\d+\s*")
_CHUNK = 1 << 20
LONGEST = 1 << 16


class Kind(enum.StrEnum):
    """What stands in a list: hashes, plain passwords, or whatever its first line looks like."""

    AUTO = "auto"
    SHA1 = "sha1"
    PLAIN = "plain"


def hashes(file: BinaryIO, kind: Kind, seen: Callable[[int], None]) -> Iterator[int]:
    """Yield the 64-bit hash of every line that is not empty; `seen` hears how many bytes were read so far.

    Raises `Invalid` naming the line that is no hash in a list of hashes, or longer than 64 KiB.
    """
    for number, line in _lines(file, seen):
        if kind is Kind.AUTO:
            kind = _kind_of(line, number)
        if kind is Kind.PLAIN:
            yield hash_of(line)
            continue
        found = _HASH.fullmatch(line)
        if found is None:
            raise Invalid(f"Line {number} is not a SHA-1 hash with a count, like `HASH:COUNT`.")
        yield int(found[1][:16], 16)


def _kind_of(line: bytes, number: int) -> Kind:
    if _RANGE.fullmatch(line):
        raise Invalid(
            f"Line {number} is a part of a hash, as the range service answers; download the whole hashes."
        )
    if _NTLM.fullmatch(line):
        raise Invalid(f"Line {number} is an NTLM hash; download the SHA-1 list.")
    return Kind.SHA1 if _HASH.fullmatch(line) else Kind.PLAIN


def _lines(file: BinaryIO, seen: Callable[[int], None]) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each line that is not empty, in bounded memory."""
    rest, total, number = b"", 0, 0
    while chunk := file.read(_CHUNK):
        total += len(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            number += 1
            if stripped := _stripped(line, number):
                yield number, stripped
        _stripped(rest, number + 1)
        seen(total)
    if stripped := _stripped(rest, number + 1):
        yield number + 1, stripped


def _stripped(line: bytes, number: int) -> bytes:
    if len(line) > LONGEST:
        raise Invalid(f"Line {number} is longer than 64 KiB; a list has one password or hash a line.")
    return line.rstrip(b"\r")
