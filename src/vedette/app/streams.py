"""Live streams of this installation: who may listen to which topic, asked of the same middleware as pages."""

import asyncio

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, parse_cookie

from vedette.accounts.middleware import ActorMiddleware
from vedette.accounts.permissions import Actor, Verb, require
from vedette.plumbing.bus.port import Bus
from vedette.ui.asgi_types import Receive, Scope, Send, header, joined
from vedette.ui.live import Live

_VERBS = {
    "health": Verb.OVERVIEW_READ,
    "db": Verb.OVERVIEW_READ,
    "incidents": Verb.INCIDENT_READ,
    "hosts": Verb.HOST_READ,
    "intrusions": Verb.BAN_READ,
    "monitors": Verb.MONITOR_READ,
    "scans": Verb.FINDING_READ,
    "backups": Verb.BACKUP_READ,
    "deploy": Verb.INFRA_READ,
    "trial": Verb.MONITOR_WRITE,
    "users": Verb.USER_READ,
    "audit": Verb.AUDIT_READ,
}


class Streams:
    """The ASGI application at `/live`; who listens is asked again every `ask_every` seconds, so that a revoked
    session hears nothing more within 10 s."""

    def __init__(self, bus: Bus, *, ask_every: float = 8.0) -> None:
        self._live: Live[Actor] = Live(bus.listen, _who, _check, beat=ask_every)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one stream."""
        await self._live(scope, receive, send)

    def close(self) -> None:
        """End every stream."""
        self._live.close()


def _check(actor: Actor, topic: str) -> None:
    require(actor, _VERBS.get(topic.partition(":")[0], Verb.ISSUE_READ))


async def _who(scope: Scope) -> Actor:
    """Return who asks; raises `Unauthenticated` for nobody."""
    actor = await asyncio.to_thread(_actor, scope)
    require(actor, Verb.OVERVIEW_READ)
    return actor


def _actor(scope: Scope) -> Actor:
    request = HttpRequest()
    request.method, request.path = "GET", scope["path"]
    request.COOKIES = parse_cookie(header(scope, b"cookie"))
    request.META = {
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "HTTP_USER_AGENT": header(scope, b"user-agent"),
        "HTTP_X_FORWARDED_FOR": joined(scope, b"x-forwarded-for"),
    }
    if bearer := header(scope, b"authorization"):
        request.META["HTTP_AUTHORIZATION"] = bearer
    _CHAIN(request)
    return request.actor  # type: ignore[attr-defined,no-any-return]  # set by ActorMiddleware


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


_CHAIN = SessionMiddleware(AuthenticationMiddleware(ActorMiddleware(_nothing)))
