"""Django's pages as an ASGI application: bodies read first, then a fixed pool of threads."""

from urllib.parse import quote_from_bytes

from a2wsgi import WSGIMiddleware

from vedette.ui.asgi_types import Receive, Scope, Send

THREADS = 5


class Pages:
    """Runs a WSGI application in threads that stay, so that database connections stay open.

    A slow sender never holds a thread: the body is complete before one is taken. How large it may be and how long it may
    take is the guard's to say (`guarding`), which stands in front.
    """

    def __init__(self, wsgi: object, threads: int = THREADS) -> None:
        self._pool = WSGIMiddleware(wsgi, workers=threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await _read(receive)
        if body is None:
            return
        await self._pool(_cleaned(scope, len(body)), _replay(body, receive), send)

    def close(self) -> None:
        """Let the threads finish what they do and end them."""
        self._pool.executor.shutdown(wait=True, cancel_futures=True)


async def _read(receive: Receive) -> bytearray | None:
    """Return the body; None when the client left before its end."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
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
