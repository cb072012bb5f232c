"""How a group of messages lies in a segment: one index of heads and one block of bodies, compressed together."""

from collections.abc import Sequence

import msgspec
import zstandard

from vedette.plumbing.log.port import Message

_SMALL = 256


class Head(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A message without its body; `size` is the body's length in bytes."""

    seq: int
    at: float
    subject: str
    msg_id: str
    size: int


class Frame(msgspec.Struct, frozen=True):
    """Messages that were committed together, as they are stored."""

    first: int
    heads: bytes
    packed: bool
    body: bytes


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Head])


class Packer:
    """Turns messages into frames and back; holds compression contexts, so it is for one thread at a time.

    Bodies of one group commit are compressed as one block (Zstandard, level 1): events that arrive together
    resemble each other, so this is smaller and cheaper than one by one.
    """

    def __init__(self) -> None:
        self._compress = zstandard.ZstdCompressor(level=1).compress
        self._decompress = zstandard.ZstdDecompressor().decompress

    def pack(self, messages: Sequence[Message]) -> Frame:
        """Return the frame of some messages."""
        heads = [Head(m.seq, m.at, m.subject, m.msg_id, len(m.body)) for m in messages]
        body = messages[0].body if len(messages) == 1 else b"".join([m.body for m in messages])
        packed = len(body) >= _SMALL
        return Frame(
            messages[0].seq, _ENCODER.encode(heads), packed, self._compress(body) if packed else body
        )

    def unpack(self, frame: Frame) -> list[Message]:
        """Return the messages of a frame."""
        body = self._decompress(frame.body) if frame.packed else frame.body
        messages, start = [], 0
        for head in heads_of(frame.heads):
            end = start + head.size
            messages.append(Message(head.seq, head.subject, body[start:end], head.msg_id, head.at))
            start = end
        return messages


def heads_of(heads: bytes) -> list[Head]:
    """Return the heads of a frame."""
    return _DECODER.decode(heads)
