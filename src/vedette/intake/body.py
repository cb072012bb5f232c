"""Request bodies: read and inflated within bounds, and never more of them in memory than the budget."""

import asyncio
import threading
from types import TracebackType

from vedette.core.errors import Unavailable
from vedette.intake.answers import BodyTimeout
from vedette.intake.asgi import ClientGone, Receive, Request
from vedette.wire.encoding import Inflation, TooLarge, is_identity


class Budget:
    """Bytes of bodies that may be in memory at once, over all requests; safe from any thread."""

    def __init__(self, total: int) -> None:
        self._lock = threading.Lock()
        self._left = total

    @property
    def left(self) -> int:
        """Return the bytes nobody holds."""
        return self._left

    def take(self, n: int) -> bool:
        """Take `n` bytes if there are as many."""
        with self._lock:
            if n > self._left:
                return False
            self._left -= n
            return True

    def give(self, n: int) -> None:
        """Give `n` bytes back."""
        with self._lock:
            self._left += n


class Share:
    """What one request holds of the budget; given back at the end of its `with` block."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._held = 0
        self._over = False

    def take(self, n: int) -> None:
        """Hold `n` more bytes; raises `Unavailable` when the budget is used up or the request is over."""
        if self._over or not self._budget.take(n):
            raise Unavailable("Too many bytes are being received at once; try again shortly.", 2.0)
        self._held += n

    def __enter__(self) -> "Share":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over = True
        self._budget.give(self._held)
        self._held = 0


async def read(request: Request, receive: Receive, share: Share, limit: int, seconds: float) -> bytes:
    """Return the body as sent.

    Raises `TooLarge`, `ClientGone` when the client hangs up midway, `Unavailable` when the budget is used up
    and `BodyTimeout` when it takes longer than `seconds`.
    """
    length = request.headers.get(b"content-length", b"")
    if length.isdigit() and int(length[:20]) > limit:
        raise TooLarge(f"The body has {length[:20].decode()} bytes; at most {limit} are taken.")
    try:
        async with asyncio.timeout(seconds):
            return await _read_all(receive, share, limit)
    except TimeoutError:
        raise BodyTimeout(f"The body did not arrive within {seconds:.0f} seconds.") from None


async def _read_all(receive: Receive, share: Share, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    more: object = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece: bytes = message.get("body", b"")  # type: ignore[assignment]  # as ASGI says
        more = message.get("more_body", False)
        size += len(piece)
        if size > limit:
            raise TooLarge(f"The body is larger than the {limit} bytes that are taken.")
        share.take(len(piece))
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class Content:
    """A body on its way out of its encoding: `head` is cheap, `whole` moves to a thread when it is large."""

    def __init__(self, body: bytes, encoding: bytes, limit: int, share: Share) -> None:
        self._share = share
        self._inflation: Inflation | None = None
        self.head: bytes = body
        if is_identity(encoding):
            if len(body) > limit:
                raise TooLarge(f"The body is larger than {limit} bytes.")
            return
        self._inflation = Inflation(body, encoding, limit)
        self.head = self._inflation.first()
        share.take(len(self.head))

    async def whole(self) -> bytes | bytearray:
        """Return all of it; raises as `wire.encoding.inflate` does, and `Unavailable`."""
        if self._inflation is None or self._inflation.done:
            return self.head
        return await asyncio.to_thread(self._inflation.rest, self._share.take)
