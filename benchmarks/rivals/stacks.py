"""Starlette with six middlewares of others that do what the guard does, as their users stack them.

| function | the guard | pure ASGI | with BaseHTTPMiddleware |
|---|---|---|---|
| HTTPS only | `https` | Starlette's HTTPSRedirectMiddleware | the same |
| hosts | `hosts` | Starlette's TrustedHostMiddleware | the same |
| headers, CSP, HSTS | `headers` | secure's SecureASGIMiddleware | `set_headers_async` in `@app.middleware("http")` |
| CORS | `cors` | Starlette's CORSMiddleware | the same |
| CSRF | `csrf` | starlette-csrf, or asgi-csrf | starlette-csrf |
| rates, in memory | `rates` | slowapi's SlowAPIASGIMiddleware | slowapi's SlowAPIMiddleware |

The guard does more in the same pass: it finds the client behind trusted proxies, measures headers, hides cookies from
scripts, and says where reports go. Where they could save work, the others do: the request comes with a CSRF cookie, so
none is made, and slowapi counts in fixed windows, its cheapest way. Sessions and compression are on nowhere.
"""

from collections.abc import Callable
from typing import Any

from asgi_csrf import asgi_csrf
from itsdangerous.url_safe import URLSafeSerializer
from secure import Secure
from secure.middleware import SecureASGIMiddleware
from slowapi import Limiter
from slowapi.middleware import SlowAPIASGIMiddleware, SlowAPIMiddleware
from slowapi.util import get_remote_address
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette_csrf import CSRFMiddleware
from vedette_guard import Guard

from benchmarks.guarded import ALL, HEADERS

SECRET = "not a secret"
TOKEN = URLSafeSerializer(SECRET, "csrftoken").dumps("vq2h0b6d" * 8)
HOSTS, ORIGINS = list(ALL.hosts), list(ALL.cors.origins)
SENT = [
    (name, value + f"; csrftoken={TOKEN}".encode() if name == b"cookie" else value) for name, value in HEADERS
]


async def page(_request: Request) -> HTMLResponse:
    """Answer two bytes."""
    return HTMLResponse("ok")


def application(*middleware: Middleware) -> Starlette:
    """Return an application that answers one page behind these, the first outermost."""
    made = Starlette(routes=[Route("/orders/7", page, methods=["GET", "POST"])], middleware=list(middleware))
    made.state.limiter = Limiter(
        get_remote_address, default_limits=["1000000000/second"], headers_enabled=True
    )
    return made


def guarded() -> Starlette:
    """Return it behind the guard, everything on."""
    return application(Middleware(Guard, policy=ALL))


def pure(csrf: Middleware) -> Starlette:
    """Return it behind six middlewares that are pure ASGI."""
    return application(
        *_at_the_door(),
        Middleware(SecureASGIMiddleware, secure=Secure.with_default_headers()),
        Middleware(CORSMiddleware, allow_origins=ORIGINS),
        csrf,
        Middleware(SlowAPIASGIMiddleware),
    )


def based() -> Starlette:
    """Return it behind six middlewares of which those of secure and slowapi are BaseHTTPMiddleware, as their pages show it."""
    secure_headers = Secure.with_default_headers()

    async def add_security_headers(request: Request, call_next: Callable[[Request], Any]) -> Any:
        response = await call_next(request)
        await secure_headers.set_headers_async(response)
        return response

    return application(
        *_at_the_door(),
        Middleware(BaseHTTPMiddleware, dispatch=add_security_headers),
        Middleware(CORSMiddleware, allow_origins=ORIGINS),
        STARLETTE_CSRF,
        Middleware(SlowAPIMiddleware),
    )


def _at_the_door() -> tuple[Middleware, Middleware]:
    return Middleware(HTTPSRedirectMiddleware), Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)


STARLETTE_CSRF = Middleware(CSRFMiddleware, secret=SECRET, cookie_secure=True)
ASGI_CSRF = Middleware(asgi_csrf, signing_secret=SECRET, cookie_secure=True)
STACKS: dict[str, Callable[[], Starlette]] = {
    "Starlette: the guard, all on": guarded,
    "pure ASGI, six with starlette-csrf": lambda: pure(STARLETTE_CSRF),
    "pure ASGI, six with asgi-csrf": lambda: pure(ASGI_CSRF),
    "with BaseHTTPMiddleware, six": based,
}
