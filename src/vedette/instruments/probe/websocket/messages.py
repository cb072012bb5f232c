"""Messages over a WebSocket that is open: sent whole, heard in any number of pieces, pings answered on the way."""

from vedette.core.ids import new_key
from vedette.instruments.probe.assertions.globbing import matches
from vedette.instruments.probe.conversing import MOST_BYTES, Conversation
from vedette.instruments.probe.types import Cause, Failed
from vedette.instruments.probe.websocket.frames import Head, Opcode, frame, head

_GOING = (1000).to_bytes(2, "big")  # section 7.4.1: all is done
_MOST_KEPT = 16
_MOST_PIECES = 1_000


class Messages:
    """What is heard while a pong is waited for is kept for whoever waits for a message."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._early: list[bytes] = []

    async def pinged(self) -> None:
        """Send a ping and wait for its pong."""
        payload = new_key()[:8].encode()
        await self._say(Opcode.PING, payload)
        while True:
            opcode, data = await self._next()
            if opcode is Opcode.PONG and data == payload:
                return
            if opcode in {Opcode.TEXT, Opcode.BINARY} and len(self._early) < _MOST_KEPT:
                self._early.append(data)

    async def send(self, text: str) -> None:
        """Send a message of text."""
        await self._say(Opcode.TEXT, text.encode())

    async def heard(self, pattern: str) -> bytes:
        """Return the first message that looks like a pattern, where `*` stands for anything."""
        for data in self._early:
            if matches(pattern, data.decode("utf-8", "replace")):
                return data
        while True:
            opcode, data = await self._next()
            if opcode in {Opcode.TEXT, Opcode.BINARY} and matches(pattern, data.decode("utf-8", "replace")):
                return data

    async def leave(self) -> None:
        """Say that the connection is closed; the other side's word on it is not waited for."""
        await self._say(Opcode.CLOSE, _GOING)

    async def _say(self, opcode: Opcode, payload: bytes) -> None:
        await self._talk.say(frame(opcode, payload, bytes.fromhex(new_key()[:8])))

    async def _next(self) -> tuple[Opcode, bytes]:
        """Return the next message or pong; a ping is answered, a close is a failure."""
        kind, whole = Opcode.CONTINUATION, bytearray()
        for _ in range(_MOST_PIECES):
            found = await self._head()
            data = await self._payload(found)
            if found.opcode is Opcode.CLOSE:
                raise self._closed(data)
            if found.opcode is Opcode.PING:
                await self._say(Opcode.PONG, data)
            elif found.opcode is Opcode.PONG:
                return Opcode.PONG, data
            else:
                if (found.opcode is Opcode.CONTINUATION) == (kind is Opcode.CONTINUATION):
                    raise self._talk.failed(
                        Cause.BAD_ANSWER, "the pieces of its messages do not fit together"
                    )
                kind = kind or found.opcode
                whole += data
                if len(whole) > MOST_BYTES:
                    raise Failed(
                        Cause.BODY_TOO_LARGE,
                        f"A message of {self._talk.host} is larger than {MOST_BYTES} bytes.",
                    )
                if found.final:
                    return kind, bytes(whole)
        raise self._talk.failed(Cause.BAD_ANSWER, f"a message comes in more than {_MOST_PIECES} pieces")

    async def _head(self) -> Head:
        try:
            return head(await self._talk.exactly(2))
        except ValueError as error:
            raise self._talk.failed(Cause.BAD_ANSWER, str(error)) from error

    async def _payload(self, found: Head) -> bytes:
        size = int.from_bytes(await self._talk.exactly(found.more), "big") if found.more else found.size
        return await self._talk.exactly(size)

    def _closed(self, data: bytes) -> Failed:
        code = int.from_bytes(data[:2], "big") if len(data) >= 2 else 1005
        why = self._talk.quoted(data[2:])
        said = f" ({why})" if why else ""
        return Failed(Cause.CLOSED_EARLY, f"{self._talk.host} closed the WebSocket with {code}{said}.")
