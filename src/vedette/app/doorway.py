"""What doors before Django share: reading a bounded body, knowing that a client has left, saying what is wrong."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from vedette.core.errors import Throttled, VedetteError
from vedette.ui.asgi_types import Receive, Send, answer
from vedette.ui.explain import Said, problem_body

PROBLEM = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
T = TypeVar("T")


class TooLarge(VedetteError):
    """A body is larger than what is taken."""


class Pool:
    """A few threads for what asks the database; what waits for them is bounded."""

    def __init__(self, name: str, threads: int, most: int) -> None:
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix=name)
        self._most, self.waiting = most, 0

    async def run(self, act: Callable[[], T]) -> T:
        """Do something off the event loop; raises `Throttled` when too much waits."""
        if self.waiting >= self._most:
            raise Throttled("Others are being answered; ask again in a moment.", 1.0)
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, act)
        finally:
            self.waiting -= 1

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)


async def read_body(receive: Receive, most: int) -> bytes | None:
    """Return the body; None when the client left before its end, raises `TooLarge`."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > most:
            raise TooLarge(
                f"A batch has at most {most:,} bytes. Nothing was taken; send fewer findings or reports at once."
            )
        if not message.get("more_body", False):
            return bytes(body)


async def disconnected(receive: Receive) -> None:
    """Return once the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def refuse(send: Send, said: Said) -> None:
    """Answer with a problem."""
    wait = [(b"retry-after", str(said.retry_after).encode())] if said.retry_after is not None else []
    await answer(send, said.status, [*PROBLEM, *wait], problem_body(said))
