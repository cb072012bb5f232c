"""An application that does what a test says with its session, behind each door."""

import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import override_settings
from django.urls import re_path
from fastapi import FastAPI
from fastapi import Request as FastApiRequest
from flask import Flask, request
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from guard.tests.doors import Answer, Ask, ask_asgi, ask_wsgi
from vedette_guard import Guard, WsgiGuard
from vedette_guard.doors.sessions import AsgiSessions, WsgiSessions, session_of
from vedette_guard.sessions import Session, Sessions

Does = Callable[[Session], str]
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@dataclass
class Site:
    """What the application does next; what it says is the answer's body."""

    does: Does = lambda session: session.user


def raw_asgi(site: Site) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        said = site.does(session_of(scope))
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]}
        )
        await send({"type": "http.response.body", "body": said.encode()})

    return app


def starlette(site: Site) -> Any:
    async def view(asked: Request) -> PlainTextResponse:
        assert asked.session is session_of(asked)
        return PlainTextResponse(site.does(session_of(asked)))

    return Starlette(routes=[Route("/page", view)])


def fastapi(site: Site) -> Any:
    app = FastAPI()

    @app.get("/page", response_class=PlainTextResponse)
    def view(asked: FastApiRequest) -> str:
        return site.does(session_of(asked))

    return app


def raw_wsgi(site: Site) -> Any:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        said = site.does(session_of(environ))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [said.encode()]

    return app


def flask(site: Site) -> Any:
    app = Flask("sessions", static_folder=None)
    app.add_url_rule("/page", view_func=lambda: site.does(session_of(request)), endpoint="page")
    return app.wsgi_app


@contextmanager
def _django(site: Site, sessions: Sessions, *, is_async: bool) -> Iterator[Callable[[Ask], Answer]]:
    def view(asked: Any) -> HttpResponse:
        return HttpResponse(site.does(asked.session.guard), content_type="text/plain")

    module = types.ModuleType("guard_session_urls")
    module.urlpatterns = [re_path(r"^page$", view)]  # type: ignore[attr-defined]
    middleware = [
        "vedette_guard.doors.django.GuardMiddleware",
        "vedette_guard.doors.django_sessions.SessionsMiddleware",
    ]
    with override_settings(
        ROOT_URLCONF=module, MIDDLEWARE=middleware, ALLOWED_HOSTS=["*"], VEDETTE_GUARD=None,
        VEDETTE_GUARD_SESSIONS=sessions, VEDETTE_GUARD_USER=None,
    ):  # fmt: skip
        handler: Any = ASGIHandler() if is_async else WSGIHandler()
        yield lambda ask: (ask_asgi if is_async else ask_wsgi)(handler, ask)


APPS = {
    "asgi": (ask_asgi, raw_asgi),
    "starlette": (ask_asgi, starlette),
    "fastapi": (ask_asgi, fastapi),
    "wsgi": (ask_wsgi, raw_wsgi),
    "flask": (ask_wsgi, flask),
}
DOORS = [*APPS, "django", "django-asgi"]


@contextmanager
def opened(door: str, site: Site, sessions: Sessions) -> Iterator[Callable[[Ask], Answer]]:
    """Yield how to ask a site behind a door, the guard around it."""
    if door.startswith("django"):
        with _django(site, sessions, is_async=door == "django-asgi") as ask:
            yield ask
        return
    asker, make = APPS[door]
    app = make(site)
    inner: Any = (
        Guard(AsgiSessions(app, sessions)) if asker is ask_asgi else WsgiGuard(WsgiSessions(app, sessions))
    )
    yield lambda ask: asker(inner, ask)


class Client:
    """A browser at a door, with its one cookie."""

    def __init__(self, site: Site, ask: Callable[[Ask], Answer], sessions: Sessions) -> None:
        self.site, self.ask, self.sessions = site, ask, sessions
        self.agent, self.cookie = AGENT, ""
        self.answer = Answer(0, [], [])

    def __call__(self, does: Does) -> str:
        """Ask the application to do something, and return what it said."""
        self.site.does = does
        headers = [("user-agent", self.agent), *([("cookie", self.cookie)] if self.cookie else [])]
        self.answer = self.ask(Ask(headers=headers))
        assert self.answer.status == 200, self.answer.body
        for value in self.answer.all("set-cookie"):
            pair = value.partition(";")[0]
            self.cookie = "" if pair.endswith(("=", '=""')) else pair
        return self.answer.body.decode()
