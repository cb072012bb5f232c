"""The words of ASGI, for the parts that speak it without Django."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


def header(scope: Scope, name: bytes) -> str:
    """Return a request header (lower-case name) as text, empty when it is not there."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def joined(scope: Scope, name: bytes) -> str:
    """Return all request headers of a name (lower-case) as one list: a proxy may add a line of its own to a stranger's."""
    return ", ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


async def answer(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    """Send a whole response."""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})
