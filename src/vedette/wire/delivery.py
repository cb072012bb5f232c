"""What the front door hands to the rooms: one item of an envelope with what is known about its arrival."""

import msgspec


class Note(msgspec.Struct, frozen=True):
    """A processing error: where in the event something could not be kept as sent, and what was done."""

    where: str
    what: str


class Delivery(msgspec.Struct, frozen=True):
    """One accepted item on its way through the EventLog (subject = item type), encoded as MessagePack.

    `event_id` is 32 lower-case hex digits. `received` and `sent_at` are instants. `payload` is the item's
    body as the client sent it, inflated, not yet scrubbed. `address` is the client's address.
    """

    project: int
    event_id: str
    received: float
    payload: bytes
    client: str = ""
    address: str | None = None
    sent_at: float | None = None
    notes: tuple[Note, ...] = ()


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Delivery)


def encode(delivery: Delivery) -> bytes:
    """Return a delivery as MessagePack."""
    return _ENCODER.encode(delivery)


def decode(body: bytes) -> Delivery:
    """Return the delivery a MessagePack body holds; raises `msgspec.DecodeError` on anything else."""
    return _DECODER.decode(body)
