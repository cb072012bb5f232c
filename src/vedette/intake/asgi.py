"""The ASGI types the front door speaks, and one request as it arrived."""

from collections.abc import Awaitable, Callable, MutableMapping

import msgspec

from vedette.intake import cors
from vedette.intake.paths import Route

Scope = MutableMapping[str, object]
Message = MutableMapping[str, object]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class ClientGone(Exception):
    """The client hung up before its body was complete; there is nobody to answer."""


class Request(msgspec.Struct):
    """A request at a door. `cors` are the headers its answer carries for browsers."""

    route: Route
    method: str
    headers: dict[bytes, bytes]
    query: bytes
    peer: str | None
    forwarded: str
    cors: cors.Headers

    @property
    def origin(self) -> bytes:
        """Return the Origin header, empty when no browser sent this."""
        return self.headers.get(b"origin", b"")


def request(scope: Scope, route: Route, trusted_proxies: int) -> Request:
    """Return the request an ASGI scope describes."""
    pairs: list[tuple[bytes, bytes]] = scope["headers"]  # type: ignore[assignment]  # as ASGI says
    peer: tuple[str, int] | None = scope.get("client")  # type: ignore[assignment]  # as ASGI says
    headers = dict(pairs)
    origin = headers.get(b"origin")
    return Request(
        route=route,
        method=str(scope["method"]),
        headers=headers,
        query=scope.get("query_string", b""),  # type: ignore[arg-type]  # as ASGI says
        peer=peer[0] if peer else None,
        forwarded=_forwarded(pairs) if trusted_proxies else "",
        cors=cors.headers(origin) if origin else [],
    )


def _forwarded(pairs: list[tuple[bytes, bytes]]) -> str:
    return b",".join(value for name, value in pairs if name == b"x-forwarded-for").decode("latin-1")
