"""Leaked passwords in a local file, as `vedette passwords filter build` makes it: two small reads, nothing in memory.

A hash is the first 64 bits of a password's SHA-1. Its first `bits` bits choose a bucket; the next 24, its remainder,
stand in that bucket. The file is: header (64 bytes: magic, bits, count, instant, lines, digest, checksum), the remainders
of all buckets in order (3 bytes each), and where each bucket begins (4 bytes each, little-endian). A password that is not
in the list is found there at most once in a million, one that is always. (Quotient and remainder: Knuth, TAOCP 3, 6.4.)
"""

from __future__ import annotations

import hashlib
import os
import struct
from pathlib import Path

from vedette_guard.passwords.port import BreachesAway, sha1

MAGIC = b"VEDETTE-LEAKED-1"
_FIELDS = struct.Struct("<16sBxxxIdQ16s")
_SUM = struct.Struct("<Q")
_PAIR = struct.Struct("<II")
_HEADER, _ENTRY, _REMAINDER = _FIELDS.size + _SUM.size, 4, 3
_BIGGEST_BUCKET = 4_096


class BreachFilter:
    """Implements `Breaches` by a filter file. Raise BreachesAway at once when there is none, or it is not whole."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self.holds("")

    def holds(self, password: str) -> bool:
        """Tell whether a password is in the filter; the file may be replaced while we run."""
        try:
            with self._path.open("rb") as file:
                return self._holds(file.fileno(), int.from_bytes(sha1(password)[:8], "big"))
        except OSError as error:
            raise self._away(error.strerror or "it cannot be read") from error

    def _holds(self, file: int, hashed: int) -> bool:
        bits, count = self._head(file)
        bucket, remainder = hashed >> (64 - bits), (hashed >> (40 - bits)) & 0xFFFFFF
        pair = os.pread(file, _PAIR.size, _HEADER + count * _REMAINDER + bucket * _ENTRY)
        start, end = _PAIR.unpack(pair) if len(pair) == _PAIR.size else (1, 0)
        if not start <= end <= count or end - start > _BIGGEST_BUCKET:
            raise self._away("its index is damaged")
        found = os.pread(file, (end - start) * _REMAINDER, _HEADER + start * _REMAINDER)
        wanted = remainder.to_bytes(_REMAINDER, "big")
        return any(found[at : at + _REMAINDER] == wanted for at in range(0, len(found), _REMAINDER))

    def _head(self, file: int) -> tuple[int, int]:
        """Return the bits of a bucket's number, and how many remainders there are."""
        raw = os.pread(file, _HEADER, 0)
        if len(raw) < _HEADER or not raw.startswith(MAGIC):
            raise self._away("it is not a filter made by `vedette passwords filter build`")
        body = raw[: _FIELDS.size]
        told = int.from_bytes(hashlib.blake2b(body, digest_size=_SUM.size).digest(), "big")
        _, bits, count, *_ = _FIELDS.unpack(body)
        if _SUM.unpack(raw[_FIELDS.size :])[0] != told or bits > 28:
            raise self._away("its header is damaged")
        if os.fstat(file).st_size != _HEADER + count * _REMAINDER + ((1 << bits) + 1) * _ENTRY:
            raise self._away("it is cut off, or something was added")
        return bits, count

    def _away(self, why: str) -> BreachesAway:
        said = f"the filter of leaked passwords {self._path} cannot be used: {why}"
        return BreachesAway(f"{said}; build it again with `vedette passwords filter build`")
