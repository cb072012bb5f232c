"""The guard in front of Vedette's own pages, API, files and live streams: the strict preset, and where it differs (ADR 27).

What machines and crowds ask (telemetry, heartbeats, locations, status pages) has doors of its own with bounds of its own.
"""

from dataclasses import replace
from typing import Any

from vedette_guard import Guard, Policy
from vedette_guard.decisions.forwarding import bucket
from vedette_guard.policy import Cookies, Csrf, Headers, Https, Limits, PathPolicy, Rate

from vedette.core.client import client_address
from vedette.core.settings import Settings
from vedette.ui.asgi_types import Receive, Scope, Send, joined

MOST_BYTES = 3 * 1024 * 1024
BODY_SECONDS = 30
MOST_A_MINUTE = 6_000  # requests of one address: behind it may be a whole office
_CSP = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'",),
    "font-src": ("'self'",),
    "connect-src": ("'self'",),
    "form-action": ("'self'",),
    "base-uri": ("'none'",),
}
# A phone pays for each byte that is said with every file.
_OF_FILES = Headers(csp={}, frames=(), referrer="", permissions={}, opener="", resource="same-origin")
# They act by no session: what they are sent is signed, or bears a secret. A browser of somebody else may send it.
SIGNED = ("/a", "/t", "/hooks/deploys", "/api/hooks", "/digests/leave")
READABLE = ("theme", "tz")  # what the page's own script writes


def policy_of(settings: Settings) -> Policy:
    """Return the policy of an installation."""
    strict = Policy.preset("strict")
    return strict.but(
        https=Https(
            hsts="1y"
        ),  # TLS ends in front of us, where it is redirected to; siblings of our name are not ours
        headers=replace(strict.headers, csp=_CSP, trusted_types="off", cache="no-store"),
        csrf=Csrf(trusted=(_origin(settings),), exempt=SIGNED),
        cookies=Cookies(http_only="all", readable=READABLE),
        rates=(Rate("all", limit=MOST_A_MINUTE, per="1m", burst=MOST_A_MINUTE // 4, by=("user",)),),
        limits=Limits(body=MOST_BYTES, body_time=f"{BODY_SECONDS}s"),
        answers="problem",
        paths={"/static": PathPolicy(headers=_OF_FILES)},
    )


def _origin(settings: Settings) -> str:
    return "/".join(settings.public_url.split("/")[:3])


class Guarded:
    """An ASGI application behind the guard. `trusted` proxies in front tell the client's address and whether it came by HTTPS."""

    def __init__(self, inside: Any, settings: Settings) -> None:
        self._trusted = settings.trusted_proxies
        self._guard = Guard(inside, policy_of(settings), user=self._client)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._guard(self._seen(scope), receive, send)

    def _seen(self, scope: Scope) -> Scope:
        """Return the scope with the scheme the browser used."""
        told = joined(scope, b"x-forwarded-proto") if self._trusted > 0 else ""
        return {**scope, "scheme": "https"} if told.rpartition(",")[2].strip().lower() == "https" else scope

    def _client(self, scope: Any) -> str | None:
        peer = (scope.get("client") or ("", 0))[0]
        address = client_address(peer, joined(scope, b"x-forwarded-for"), self._trusted)
        return bucket(address) if address else None
