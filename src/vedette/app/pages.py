"""Django's pages as an ASGI application: bodies read within bounds first, then a fixed pool of threads."""

import asyncio
from urllib.parse import quote_from_bytes

from a2wsgi import WSGIMiddleware

from vedette.ui.asgi_types import Receive, Scope, Send, answer
from vedette.ui.explain import Said, problem_body

MOST_BYTES = 3 * 1024 * 1024
BODY_SECONDS = 30.0
THREADS = 5
_TOO_LARGE = Said(
    status=413, title="Too large", detail=f"A page takes at most {MOST_BYTES} bytes. Nothing was changed."
)
_TOO_SLOW = Said(status=408, title="Too slow", detail="The body did not arrive in time. Nothing was changed.")
_PROBLEM = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]


class Pages:
    """Runs a WSGI application in threads that stay, so that database connections stay open.

    A slow sender never holds a thread: the body is complete before one is taken.
    """

    def __init__(self, wsgi: object, threads: int = THREADS, body_seconds: float = BODY_SECONDS) -> None:
        self._pool = WSGIMiddleware(wsgi, workers=threads)
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            async with asyncio.timeout(self._body_seconds):
                body = await _read(receive)
        except TimeoutError:
            await answer(send, 408, _PROBLEM, problem_body(_TOO_SLOW))
            return
        if body is None:
            return
        if len(body) > MOST_BYTES:
            await answer(send, 413, _PROBLEM, problem_body(_TOO_LARGE))
            return
        await self._pool(_cleaned(scope, len(body)), _replay(body, receive), send)

    def close(self) -> None:
        """Let the threads finish what they do and end them."""
        self._pool.executor.shutdown(wait=True, cancel_futures=True)


async def _read(receive: Receive) -> bytearray | None:
    """Return the body, cut just past the limit; None when the client left before its end."""
    body = bytearray()
    while len(body) <= MOST_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return body


def _cleaned(scope: Scope, length: int) -> Scope:
    """Return the scope fit for WSGI.

    Names with underscores would pass for other headers (`X_Forwarded_For`); the length is that of the body as
    read; a query that is not ASCII is percent-encoded.
    """
    headers = [(k, v) for k, v in scope["headers"] if b"_" not in k and k not in _LENGTHS]
    return {
        **scope,
        "headers": [*headers, (b"content-length", str(length).encode())],
        "query_string": quote_from_bytes(scope["query_string"], safe=_QUERY_SAFE).encode(),
    }


_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})
_QUERY_SAFE = bytes(range(0x21, 0x7F)).decode()


def _replay(body: bytearray, receive: Receive) -> Receive:
    left: list[bytes] = [bytes(body)]

    async def again() -> dict[str, object]:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return dict(await receive())

    return again
