"""How many browsers sent reports, in 64 bytes a line: a set that can be merged and does not know its members. Pure.

Linear counting (Whang, Vander-Zanden, Taylor: A Linear-Time Probabilistic Counting Algorithm for Database Applications,
1990): each browser sets one of 512 bits. Few are told exactly but for chance (2 look like 1 once in 512), 100 to about 4 %;
beyond some 3,000 it says no more than that.
"""

import math

SIZE = 64
_BITS = SIZE * 8


def of(hash_: int) -> bytes:
    """Return the set that holds one browser, by a hash of it."""
    return (1 << hash_ % _BITS).to_bytes(SIZE, "big")


def union(one: bytes, other: bytes) -> bytes:
    """Return the set of both; an empty one holds nobody."""
    return (int.from_bytes(one, "big") | int.from_bytes(other, "big")).to_bytes(SIZE, "big")


def count(seen: bytes) -> int:
    """Return about how many browsers a set holds."""
    empty = _BITS - int.from_bytes(seen, "big").bit_count()
    return round(-_BITS * math.log(max(empty, 1) / _BITS))
