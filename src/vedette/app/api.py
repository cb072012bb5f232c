"""The REST API at `/api/v1/`: each room's router, bearer tokens or a session, errors as problem+json.

The OpenAPI document is public: it describes the product, not the installation, and code generators read it.
"""

import functools
import pkgutil
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from ninja import NinjaAPI
from ninja.security import APIKeyCookie, HttpBearer

from vedette.accounts.permissions import Actor, ActorKind, Verb, actor_of, require
from vedette.app import series
from vedette.core.errors import Forbidden
from vedette.ui import problem

ROOMS = (
    "projects",
    "deploys",
    "errors",
    "monitors",
    "vitals",
    "hosts",
    "intrusions",
    "accounts",
    "scans",
    "backups",
    "deploy",
    "oncall",
    "alerts",
    "incidents",
    "reports",
    "status",
    "notify",
    "signals",
)


class Bearer(HttpBearer):
    """`Authorization: Bearer …`; the middleware has looked the token up already."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:  # noqa: ARG002 - ninja's signature
        """Return the token's actor."""
        return _actor(request, ActorKind.TOKEN)


class Session(APIKeyCookie):
    """A signed-in browser; writes carry a CSRF token, as forms do."""

    param_name = settings.SESSION_COOKIE_NAME

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:  # noqa: ARG002 - ninja's signature
        """Return the session's actor."""
        return _actor(request, ActorKind.USER)


def _actor(request: HttpRequest, kind: ActorKind) -> Actor | None:
    actor: Actor | None = getattr(request, "actor", None)
    return actor if actor is not None and actor.kind is kind else None


def _role_first(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask an operation's role before ninja reads what was sent: who may not do it learns nothing of its fields.

    Nobody is left to ninja, which asks for a token; `needs` asks again when the operation runs.
    """
    verb: Verb = run.__self__.view_func.needs_verb  # type: ignore[attr-defined]  # ninja hands over a bound method

    @functools.wraps(run)
    def asked(request: HttpRequest, **path: object) -> HttpResponse:
        actor = actor_of(request)
        try:
            if actor.kind is not ActorKind.ANONYMOUS:
                require(actor, verb)
        except Forbidden as error:
            return problem.from_error(error)
        return run(request, **path)

    return asked


def build() -> NinjaAPI:
    """Return the API with every room's router."""
    made = NinjaAPI(
        title="Vedette",
        version="1",
        description="Errors, projects, people. Lists take `cursor`; errors are problem+json (RFC 9457).",
        openapi_url=None,
        docs_url=None,
        auth=[Bearer(), Session()],
        urls_namespace="api",
    )
    problem.install(made)
    made.add_decorator(_role_first, mode="view")
    for name in (name for room in ROOMS for name in _resources(f"vedette.{room}")):
        made.add_router("", import_module(name).router)
    return made


@require_safe
def document(request: HttpRequest) -> HttpResponse:
    """Serve the OpenAPI document. It is written once: that takes half a second, and anybody may ask for it."""
    return HttpResponse(_document(), content_type="application/json")


@functools.cache
def _document() -> bytes:
    return msgspec.json.encode(api.get_openapi_schema())


def _resources(room: str) -> list[str]:
    """Return the modules of a room that have a router; those with addresses of their own before `/issues/{key}`."""
    found = find_spec(f"{room}.resources")
    listed = pkgutil.iter_modules(found.submodule_search_locations) if found else []
    return [
        *(f"{room}.resources.{one.name}" for one in listed),
        *([f"{room}.api"] if find_spec(f"{room}.api") else []),
    ]


series.register()
api = build()
