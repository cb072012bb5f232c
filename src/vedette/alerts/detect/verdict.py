"""What a detector says of one value of a series. Pure."""

import enum

import msgspec


class Cause(enum.StrEnum):
    """What is unusual of a value."""

    NONE = "none"  # nothing
    ERROR = "error"  # it is further from the usual than ever
    SHIFT = "shift"  # its short mean is further from the usual than ever
    UNREST = "unrest"  # it swings more than ever
    RANGE = "range"  # it leaves the range it was in
    FLAT = "flat"  # it stands still for longer than ever


class Verdict(msgspec.Struct, frozen=True, array_like=True):
    """How unusual a value is, from 0 (not at all) to 1, and what was usual.

    A score of 1 - 1/r says that the strongest evidence is r times its record. `usual` is the value that was expected,
    `low` and `high` the band about it; `side` is 1 when the evidence points up, -1 when it points down, 0 when neither.
    """

    at: float
    value: float
    score: float
    cause: Cause
    side: int
    usual: float
    low: float
    high: float
