"""The Django door: `vedette_guard.doors.django.GuardMiddleware`, first in `MIDDLEWARE`, under WSGI and ASGI.

Settings: `VEDETTE_GUARD` is a Policy, the name of a preset, or a table as `[guard]` of a TOML file; without it the
default is in force. `VEDETTE_GUARD_USER` tells who asks, from the request, for rates by user.

Django reads a body under ASGI before any middleware: its size can be judged by Content-Length only, so a body that
does not tell its length is refused here with 411. To let such bodies in, put `Guard` around `get_asgi_application()`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from http.cookies import Morsel
from inspect import iscoroutinefunction
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import HttpResponse
from django.utils.functional import SimpleLazyObject

from vedette_guard import answers
from vedette_guard.decisions import cookies, limits
from vedette_guard.decisions.asked import Refusal
from vedette_guard.doors.environ import BodyRefused, EnvironAsked, WatchedBody
from vedette_guard.engine import Engine
from vedette_guard.passage import KEY, Passage
from vedette_guard.policy import Policy

NAMES = frozenset({"username", "email", "user", "login"})
LENGTH_REQUIRED = Refusal(411, limits.PART, "a body that does not tell its length")


class DjangoAsked(EnvironAsked):
    """A request as Django has it; whether it came by HTTPS, Django's settings may say too."""

    __slots__ = ("_request",)

    def __init__(self, request: Any) -> None:
        super().__init__(request.META)
        self._request = request
        self.scheme = request.scheme
        self.path = request.path

    def target(self) -> str:
        """Return path and query, percent-encoded."""
        return str(self._request.get_full_path())


class RefusedBody(SuspiciousOperation, BodyRefused):
    """A body that was refused, as Django's own readers know it: a bad request."""


class DjangoBody(WatchedBody):
    """The stream of a request, under watch."""

    def _refused(self, refusal: Refusal) -> NoReturn:
        try:
            super()._refused(refusal)
        except BodyRefused as error:
            raise RefusedBody(str(error)) from error


def policy_of(value: Policy | str | Mapping[str, Any] | None) -> Policy | str | None:
    """Return the policy that `settings.VEDETTE_GUARD` means. Raise PolicyError for one that cannot be meant."""
    return Policy.from_mapping(value) if isinstance(value, Mapping) else value


class GuardMiddleware:
    """A thin door: what is decided is decided where the other doors decide it."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self._get_response = get_response
        policy = policy_of(getattr(settings, "VEDETTE_GUARD", None))
        self._engine = Engine(policy, getattr(settings, "VEDETTE_GUARD_USER", None))
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            _mark_coroutine(self)

    def __call__(self, request: Any) -> Any:
        """Judge one request, and let Django answer it."""
        if self._is_async:
            return self._later(request)
        passage = self._enter(request)
        return self._leave(request, passage, self._get_response(request) if passage.refusal is None else None)

    async def _later(self, request: Any) -> Any:
        asked, engine = DjangoAsked(request), self._engine
        judged = (
            engine.judge(asked, request) if engine.store is None else await engine.judge_later(asked, request)
        )
        passage = self._entered(request, asked, judged)
        return self._leave(
            request, passage, await self._get_response(request) if passage.refusal is None else None
        )

    def _enter(self, request: Any) -> Passage:
        asked = DjangoAsked(request)
        return self._entered(request, asked, self._engine.judge(asked, request))

    def _entered(self, request: Any, asked: DjangoAsked, passage: Passage) -> Passage:
        if passage.refusal is None:
            request.META[KEY] = passage
            request.csp_nonce = SimpleLazyObject(lambda: passage.nonce)
            _show_cookies(request, passage)
            self._watch(request, asked, passage)
        return passage

    def _watch(self, request: Any, asked: DjangoAsked, passage: Passage) -> None:
        if not asked.has_body():
            return
        if asked.header("content-length") is None:
            passage.refuse(LENGTH_REQUIRED)
            return
        watch = limits.body(passage.plan.policy.limits, asked)
        if isinstance(watch, Refusal):
            passage.refuse(watch)
        else:  # every reader of Django's, of forms and files too, reads this stream
            look = self._engine.look_into(passage, asked, int(asked.header("content-length") or 0))
            body = DjangoBody(request._stream, passage, watch, self._engine.clock, look)  # noqa: SLF001
            request._stream = body  # noqa: SLF001

    def _leave(self, request: Any, passage: Passage, response: Any) -> Any:
        if passage.refusal is not None:
            if response is not None:
                response.close()
            response = _refused(passage, passage.refusal, request.method)
        own = list(response.items())
        dressed = passage.dress_text(own, response.status_code)
        _replace(response, own, dressed)
        _wear(response, passage)
        return response


def _failed(sender: Any, request: Any = None, **_: Any) -> None:
    """Tell of an exception that Django answers."""
    del sender
    passage = _passage(request)
    error = sys.exc_info()[1]
    if passage is not None and passage.refusal is None and error is not None:
        passage.failed(error)


def _sign_in_failed(sender: Any, credentials: Mapping[str, Any], request: Any = None, **_: Any) -> None:
    """Tell of a sign-in that Django's own authentication refused."""
    del sender
    passage = _passage(request)
    if passage is not None:
        name = next((str(value) for key, value in credentials.items() if key in NAMES), None)
        passage.tell("sign-in", "the name or the password is wrong", user=name)


def _passage(request: Any) -> Passage | None:
    found = request.META.get(KEY) if request is not None else None
    return found if isinstance(found, Passage) else None


got_request_exception.connect(_failed, dispatch_uid="vedette_guard")
user_login_failed.connect(_sign_in_failed, dispatch_uid="vedette_guard")


def _mark_coroutine(middleware: Any) -> None:
    from asgiref.sync import markcoroutinefunction

    markcoroutinefunction(middleware)


def _show_cookies(request: Any, passage: Passage) -> None:
    rules = passage.plan.policy.cookies
    sent = request.META.get("HTTP_COOKIE")
    if sent and rules.host_prefix:
        request.META["HTTP_COOKIE"] = cookies.incoming(rules, sent, https=passage.secure)


def _refused(passage: Passage, refusal: Refusal, method: str) -> Any:
    headers, body = answers.write(passage, refusal, method)
    response = HttpResponse(body, status=refusal.status)
    for name, value in headers:
        response[name] = value
    return response


def _replace(response: Any, own: list[tuple[str, str]], dressed: list[tuple[str, str]]) -> None:
    """Let a response have the dressed headers. Django holds its cookies elsewhere."""
    wanted = {name.lower() for name, _ in dressed}
    for name, _ in own:
        if name.lower() not in wanted:
            del response[name]
    had = dict(own)
    for name, value in dressed:
        if had.get(name) != value:
            response[name] = value


def _wear(response: Any, passage: Passage) -> None:
    rules = passage.plan.policy.cookies
    for name, morsel in list(response.cookies.items()):
        said = {key: str(value) for key, value in morsel.items() if value}
        worn = cookies.wear(rules, name, said, https=passage.secure)
        for added in worn.added:
            key, _, value = added.partition("=")
            morsel[key.lower()] = value or True
        if worn.name != name:
            _rename(response.cookies, morsel, worn.name)


def _rename(jar: Any, morsel: Morsel[str], name: str) -> None:
    del jar[morsel.key]
    morsel.set(name, morsel.value, morsel.coded_value)
    dict.__setitem__(jar, name, morsel)
