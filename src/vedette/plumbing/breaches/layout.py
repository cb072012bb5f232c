"""How a filter of leaked passwords lies in its file, and where in it a password would stand. Pure arithmetic.

A hash is the first 64 bits of a password's SHA-1. Its first `bits` bits choose a bucket; the next 24, its remainder,
stand in that bucket. The file is: header (64 bytes), the remainders of all buckets in order (3 bytes each), and an index
of where each bucket begins, as 2^bits + 1 counts of 4 bytes, little-endian. Buckets hold 8 to 16 remainders on average,
so a password that is not in the list is found there with a probability of at most 16 / 2^24 = 0.95 in a million, and one
that is in the list always. (A hash table by quotient and remainder: Knuth, TAOCP 3, section 6.4, exercise 13.)
"""

import hashlib
import struct

import msgspec

from vedette.core.errors import Invalid

MAGIC = b"VEDETTE-LEAKED-1"
HEADER = 64
REMAINDER, ENTRY = 3, 4
FULL = 16
MOST = 2**32 - 1
_MOST_BITS = 28
_FIELDS = struct.Struct("<16sBxxxIdQ16s")
_SUM = struct.Struct("<Q")


class Head(msgspec.Struct, frozen=True):
    """What the header tells: `bits` of the bucket number, how many remainders, when it was built, the digest of the rest."""

    bits: int
    count: int
    built_at: float
    source_lines: int
    digest: bytes

    @property
    def data_bytes(self) -> int:
        """Return how long the remainders are."""
        return self.count * REMAINDER

    @property
    def index_at(self) -> int:
        """Return where the index begins."""
        return HEADER + self.data_bytes

    @property
    def file_bytes(self) -> int:
        """Return how long the whole file is."""
        return self.index_at + ((1 << self.bits) + 1) * ENTRY

    @property
    def false_positive_rate(self) -> float:
        """Return the probability that a password which is not in the list seems to be."""
        return float(self.count / (1 << (self.bits + 8 * REMAINDER)))


def bits_for(count: int) -> int:
    """Return how many bits number the buckets, so that `count` hashes fill them with 16 at most on average."""
    buckets = max(1, -(-count // FULL))
    return min(_MOST_BITS, (buckets - 1).bit_length())


def place(hashed: int, bits: int) -> tuple[int, int]:
    """Return the bucket and the remainder of a 64-bit hash."""
    return hashed >> (64 - bits), (hashed >> (64 - bits - 8 * REMAINDER)) & 0xFFFFFF


def hash_of(password: bytes) -> int:
    """Return the first 64 bits of a password's SHA-1 (the hash that lists of leaked passwords are published under)."""
    return int.from_bytes(hashlib.sha1(password, usedforsecurity=False).digest()[:8])


def pack(head: Head) -> bytes:
    """Return a header as bytes, its own checksum at the end."""
    body = _FIELDS.pack(MAGIC, head.bits, head.count, head.built_at, head.source_lines, head.digest)
    return body + _SUM.pack(_checksum(body))


def unpack(raw: bytes) -> Head:
    """Return the header; raises `Invalid` when it is not one of ours, or not whole."""
    if len(raw) < HEADER or not raw.startswith(MAGIC):
        raise Invalid("it is not a filter made by `vedette passwords filter build`")
    body, (told,) = raw[: _FIELDS.size], _SUM.unpack(raw[_FIELDS.size : HEADER])
    if told != _checksum(body):
        raise Invalid("its header is damaged")
    _, bits, count, built_at, lines, digest = _FIELDS.unpack(body)
    return Head(bits, count, built_at, lines, digest)


def _checksum(body: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(body, digest_size=8).digest())
