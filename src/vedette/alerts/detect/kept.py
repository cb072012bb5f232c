"""What is kept of one series between two looks: what was learnt, and the last thing told. Pure."""

import msgspec

from vedette.alerts.detect.learnt import SIZE, Learnt, pack, unpack
from vedette.alerts.detect.verdict import Verdict

_WRITE = msgspec.msgpack.Encoder()
_READ = msgspec.msgpack.Decoder(Verdict | None)


class Kept(msgspec.Struct):
    """The state of a detector, and the last verdict that was worth telling."""

    learnt: Learnt
    told: Verdict | None = None


def write(kept: Kept) -> bytes:
    """Return it as bytes, at most 2 KB."""
    return pack(kept.learnt) + _WRITE.encode(kept.told)


def read(body: bytes) -> Kept:
    """Return what was kept; a part that is damaged is as if it were new."""
    try:
        told = _READ.decode(body[SIZE:])
    except msgspec.DecodeError:
        told = None
    return Kept(unpack(body[:SIZE]), told)
