"""What a detector knows of one series, and how it is kept: at most 2 KB. Pure."""

import struct
from array import array

import msgspec

from vedette.alerts.detect.profile import DAY_SLOTS, WEEK_SLOTS, Profile
from vedette.alerts.detect.record import Record

VERSION = 1
_SCALARS = struct.Struct("<BQ24d")
_SLOTS = 2 * DAY_SLOTS + WEEK_SLOTS
SIZE = _SCALARS.size + 4 * _SLOTS


class Learnt(msgspec.Struct):
    """The state of a detector after `n` values, of which the first came at the instant `since`.

    `last` is the value before, `near` a mean of the last few, `scale` a typical distance from the long mean. `drift`
    is the short mean of the signed errors, `unrest` that of the steps; `low` and `high` the range, slowly forgotten;
    `run` for how many values it has not changed, `longest` the longest such run that ended.
    """

    n: int = 0
    since: float = 0.0
    at: float = 0.0
    last: float = 0.0
    near: float = 0.0
    scale: float = 0.0
    drift: float = 0.0
    unrest: float = 0.0
    low: float = 0.0
    high: float = 0.0
    run: float = 0.0
    longest: float = 0.0
    profile: Profile = msgspec.field(default_factory=Profile)
    errors: Record = msgspec.field(default_factory=Record)
    drifts: Record = msgspec.field(default_factory=Record)
    unrests: Record = msgspec.field(default_factory=Record)


def pack(learnt: Learnt) -> bytes:
    """Return the state as bytes, with the version of this layout first."""
    profile = learnt.profile
    scalars = (
        *(learnt.since, learnt.at, learnt.last, learnt.near, learnt.scale, learnt.drift, learnt.unrest),
        *(learnt.low, learnt.high, learnt.run, learnt.longest),
        *(profile.level, profile.level_error, profile.day_error, profile.week_error),
        *(each for record in _records(learnt) for each in (record.height, record.mean)),
        *(0.0, 0.0, 0.0),  # room for what a later version learns
    )
    slots = array("f", profile.day) + profile.week + profile.spread
    return _SCALARS.pack(VERSION, learnt.n, *scalars) + slots.tobytes()


def unpack(body: bytes) -> Learnt:
    """Return the state kept as `body`; one that is damaged, or of another version, is learnt anew."""
    if len(body) != SIZE or body[0] != VERSION:
        return Learnt()
    _, n, *scalars = _SCALARS.unpack_from(body)
    slots = array("f", body[_SCALARS.size :])
    if not _sound(n, scalars, slots):
        return Learnt()
    profile = Profile(
        slots[:DAY_SLOTS],
        slots[DAY_SLOTS : DAY_SLOTS + WEEK_SLOTS],
        slots[DAY_SLOTS + WEEK_SLOTS :],
        *scalars[11:15],
    )
    errors, drifts, unrests = (Record(*scalars[i : i + 2]) for i in (15, 17, 19))
    learnt = Learnt(n=n, profile=profile, errors=errors, drifts=drifts, unrests=unrests)
    for name, value in zip(Learnt.__struct_fields__[1:12], scalars, strict=False):
        setattr(learnt, name, value)
    return learnt


def _records(learnt: Learnt) -> tuple[Record, Record, Record]:
    return learnt.errors, learnt.drifts, learnt.unrests


def _sound(n: int, scalars: list[float], slots: "array[float]") -> bool:
    limit = float("inf")
    bounded = all(-limit < each < limit for each in scalars) and not any(abs(each) == limit for each in slots)
    return n < 1 << 53 and bounded and scalars[7] <= scalars[8]
