"""Who asks? Every request gets an actor: a signed-in person, a token, or nobody."""

import base64
import binascii
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode

from vedette.accounts import members
from vedette.accounts.adapter import SESSION_ID, address_of
from vedette.accounts.caller import calling_from
from vedette.accounts.entering import judge_session
from vedette.accounts.models import User
from vedette.accounts.permissions import ANONYMOUS, Actor, ActorKind, Role
from vedette.accounts.tokens import PREFIX, authenticate_token
from vedette.core.errors import Forbidden, Unauthenticated, VedetteError
from vedette.plumbing.ports import ports
from vedette.ui import error_pages
from vedette.ui.explain import explain
from vedette.ui.problem import wants_json

Next = Callable[[HttpRequest], HttpResponse]
ALERTMANAGER = "/api/v2/"
TWO_FACTOR = "/settings/two-factor/"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_WITHOUT_FACTOR = (TWO_FACTOR, "/sign-out/", "/theme/")


class Request(HttpRequest):
    """A request as the middleware leaves it; `session_id` is the signed-in browser's, empty for tokens and nobody."""

    actor: Actor
    session_id: str


class ActorMiddleware:
    """Sets `request.actor` from `Authorization: Bearer` or the session, and ends sessions whose time is over.

    A request with a bearer token never acts by its cookies. It needs no CSRF token, for no page of another site
    can send that header; one that acts by its session does (the REST API asks for it itself).
    """

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find out who asks, and serve."""
        address = address_of(request)
        with calling_from(address):
            try:
                refusal = self._identify(request, address)
            except VedetteError as error:
                _set(request, ANONYMOUS)
                return error_pages.show(request, explain(error))
            return refusal or self._next(request)

    def _identify(self, request: HttpRequest, address: str) -> HttpResponse | None:
        token = _bearer(request)
        if token is None:
            return self._from_session(request, address)
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # noqa: SLF001 - Django's own switch
        request.user = AnonymousUser()
        _set(request, authenticate_token(token, ports().clock.now(), address))
        return None

    def _from_session(self, request: HttpRequest, address: str) -> HttpResponse | None:
        _set(request, ANONYMOUS)
        user = request.user if settings.SESSION_COOKIE_NAME in request.COOKIES else None
        if not isinstance(user, User) or not user.is_authenticated:
            return None
        now = ports().clock.now()
        session_id = str(request.session.get(SESSION_ID, ""))
        verdict, has_factor = judge_session(session_id, user.pk, address, now)
        if not verdict.alive:
            logout(request)
            return None
        role = Role(user.role)
        _set(request, Actor(kind=ActorKind.USER, id=user.pk, name=user.name, role=role), session_id)
        duty = members.second_factor_duty(role, has_factor, user.privileged_at, now)
        return _send_to_set_up(request, duty.reason) if duty.overdue else None


def _set(request: HttpRequest, actor: Actor, session_id: str = "") -> None:
    request.actor = actor  # type: ignore[attr-defined]
    request.session_id = session_id  # type: ignore[attr-defined]


def _bearer(request: HttpRequest) -> str | None:
    """Return the bearer token of a request; None when it has no such header, raises `Unauthenticated` for a broken one.

    Alertmanager's clients (`amtool`) know only basic authentication: there the token is the password of any user. A
    browser may remember such a password and send it unasked, so nowhere else; what is there takes JSON only.
    """
    header = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() == "basic" and request.path.startswith(ALERTMANAGER):
        token = _password(token)
        return token if token.startswith(PREFIX) else None
    if scheme.lower() != "bearer":
        return None
    if not token.strip():
        raise Unauthenticated("Send the token after the word Bearer: `Authorization: Bearer vdt_…`.")
    return str(token).strip()


def _password(encoded: str) -> str:
    """Return the password of basic authentication, empty when it cannot be read."""
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _send_to_set_up(request: HttpRequest, reason: str) -> HttpResponse | None:
    if request.path.startswith(_WITHOUT_FACTOR):
        return None
    if wants_json(request) or request.method not in _SAFE:
        raise Forbidden(reason)
    return HttpResponseRedirect(f"{TWO_FACTOR}?{urlencode({'next': request.get_full_path()})}")
