"""A heartbeat as the front door hands it to the rooms: the payload of a delivery of subject `ping`."""

import msgspec

SUBJECT = "ping"


class Pinged(msgspec.Struct, frozen=True, array_like=True):
    """One request at `/ping/<key>[/<act>]`.

    `key` has 32 hex digits, `act` is `success`, `start`, `fail` or `log`; `code` is an exit status, `run` tells overlapping
    runs apart. `body` is what was sent, of any bytes, cut.
    """

    key: str
    act: str
    code: int | None = None
    run: str = ""
    method: str = ""
    body: bytes = b""


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Pinged)


def encode(pinged: Pinged) -> bytes:
    """Return a heartbeat as MessagePack."""
    return _ENCODER.encode(pinged)


def decode(body: bytes) -> Pinged:
    """Return the heartbeat a MessagePack body holds; raises `msgspec.DecodeError` on anything else."""
    return _DECODER.decode(body)
