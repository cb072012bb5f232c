"""An ASGI application with nothing but live streams: `GET /live`, `POST /wake?topic`, `GET /streams` (how many run)."""

from vedette.plumbing.bus.local import LocalBus
from vedette.ui.asgi_types import Receive, Scope, Send, answer
from vedette.ui.live import Live

_BUS = LocalBus()


async def _anyone(scope: Scope) -> None:
    return None


_LIVE: Live[None] = Live(_BUS.listen, _anyone, lambda _who, _topic: None, beat=0.2)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one connection."""
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        _LIVE.close()
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["path"] == "/live":
        await _LIVE(scope, receive, send)
    else:
        if scope["path"] == "/wake":
            _BUS.wake("live:" + scope["query_string"].decode())
        await answer(send, 200, [(b"content-type", b"text/plain")], str(_LIVE.streams).encode())
