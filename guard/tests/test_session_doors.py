"""Sessions in each door: the cookie leaves with the answer, and what the service decides holds there."""

import asyncio
import os
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import Client as DjangoClient
from django.test import override_settings
from django.urls import path

from guard.tests.clock import Clock
from guard.tests.doors import Ask, asgi_scope, ask_wsgi, environ_of
from guard.tests.session_doors import AGENT, DOORS, Client, Site, opened
from vedette_guard.doors.sessions import AsgiSessions, WsgiSessions, session_of
from vedette_guard.sessions import Session, SessionRules, Sessions
from vedette_guard.stores import MemoryStore, SqliteStore


@pytest.fixture(params=DOORS)
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Client]:
    """Yield a browser at each door; SQLite, so that the doors' threads are in it."""
    store = SqliteStore(tmp_path / "sessions.db")
    sessions = Sessions(store, SessionRules(idle="1h"), clock=Clock())
    site = Site()
    with opened(request.param, site, sessions) as ask:
        yield Client(site, ask, sessions)
    store.close()


def put(session: Session, **values: Any) -> str:
    session.update(values)
    return "put"


def enter(session: Session, user: str) -> str:
    session.sign_in(user)
    return "in"


def leave(session: Session) -> str:
    session.sign_out()
    return "out"


def test_who_changes_nothing_gets_no_cookie(client: Client) -> None:
    assert client(lambda session: session.user) == ""
    assert client.answer.all("set-cookie") == []


def test_a_session_goes_with_its_cookie_and_rotates_on_sign_in(client: Client) -> None:
    assert client(lambda session: put(session, cart=[1])) == "put"
    cookie = client.answer.one("set-cookie") or ""
    assert cookie.startswith("__Host-session=")
    assert {"path=/", "httponly", "samesite=lax", "secure"} <= {
        word.strip().lower() for word in cookie.split(";")
    }
    assert client.answer.one("cache-control") == "no-store"
    before = client.cookie
    assert client(lambda session: str(session["cart"])) == "[1]"
    assert client.answer.all("set-cookie") == []
    client(lambda session: enter(session, "ann"))
    assert client.cookie != before
    assert client(lambda session: f"{session.user} {session['cart']}") == "ann [1]"
    planted = Client(client.site, client.ask, client.sessions)
    planted.cookie = before
    assert planted(lambda session: session.user) == ""
    assert planted.cookie == before, "who comes too late takes no cookie away"
    client(leave)
    assert (client.cookie, client(lambda session: session.user)) == ("", "")


def test_caches_tell_people_apart_where_the_answer_does(client: Client) -> None:
    def varies() -> bool:
        return "cookie" in ", ".join(client.answer.all("vary")).lower()

    client(lambda session: "the same for all")
    assert not varies()
    client(lambda session: session.user)
    assert varies()
    client(lambda session: enter(session, "ann"))
    assert varies()
    client(lambda session: str(session.get("cart")))
    assert varies()


def meanwhile(client: Client, cookie: str, **values: Any) -> None:
    """Write a session as another request would, beside the one under way."""
    session = client.sessions.open(cookie, AGENT)
    session.update(values)
    client.sessions.commit(session)


def test_a_slow_request_overwrites_nothing_newer(client: Client) -> None:
    client(lambda session: enter(session, "ann"))

    def slowly(session: Session) -> str:
        meanwhile(client, client.cookie, theme="dark", cart=[1])
        return put(session, theme="light", page=3)

    client(slowly)
    assert (
        client(lambda session: str(sorted(session.items())))
        == "[('cart', [1]), ('page', 3), ('theme', 'dark')]"
    )


def test_a_slow_request_does_not_wake_what_was_signed_out_everywhere(client: Client) -> None:
    client(lambda session: enter(session, "ann"))

    def slowly(session: Session) -> str:
        client.sessions.sign_out_everywhere("ann")
        return put(session, page=3)

    client(slowly)
    assert client.answer.all("set-cookie") == []
    assert client(lambda session: f"{session.user}{dict(session)}") == "{}"


def test_idle_sessions_and_other_browsers_are_signed_out(client: Client) -> None:
    clock: Any = client.sessions.clock
    client(lambda session: enter(session, "ann"))
    assert [ref.address for ref in client.sessions.of("ann")] == ["198.51.100.7"]
    clock.now += 3600
    assert client(lambda session: session.user) == ""
    client(lambda session: enter(session, "ann"))
    client.agent = "Mozilla/5.0 (Windows NT 10.0) Chrome/142.0.0.0"
    assert client(lambda session: session.user) == ""


def test_no_sessions_before_a_request_is_an_error_that_says_so() -> None:
    with pytest.raises(LookupError, match="put AsgiSessions or WsgiSessions"):
        session_of({"headers": []})


def test_a_session_cannot_be_changed_once_the_answer_began() -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        session_of(environ)["late"] = 1
        yield b""

    with pytest.raises(RuntimeError, match="after the headers left"):
        ask_wsgi(WsgiSessions(app, Sessions(MemoryStore())), Ask())


def test_an_answer_that_starts_again_has_the_same_cookie() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        session_of(environ).sign_in("ann")
        start_response("200 OK", [])
        try:
            raise OSError("the page fails")
        except OSError:
            start_response("500 Failed", [("Cache-Control", "no-cache")], sys.exc_info())
        return [b""]

    started: list[list[tuple[str, str]]] = []
    sessions = Sessions(MemoryStore())
    list(WsgiSessions(app, sessions)(environ_of(Ask()), lambda _, headers, *more: started.append(headers)))
    first, second = ([value for name, value in headers if name == "Set-Cookie"] for headers in started)
    assert first == second
    assert len(sessions.of("ann")) == 1


def test_a_websocket_sees_its_session_and_cannot_change_it() -> None:
    sessions = Sessions(MemoryStore())
    session = sessions.open("", AGENT)
    session.sign_in("ann")
    cookie = (sessions.commit(session).cookie or "").partition(";")[0]
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(session_of(scope).user)
        session_of(scope)["a"] = 1

    ask = Ask(headers=[("cookie", cookie), ("user-agent", AGENT)])
    with pytest.raises(RuntimeError, match="the session is changed"):
        asyncio.run(AsgiSessions(app, sessions)(asgi_scope(ask, type="websocket"), None, None))
    assert seen == ["ann"]


# -- Django's own ways ----------------------------------------------------------------------------------------------


@pytest.fixture
def django_site() -> Iterator[Sessions]:
    """Yield the sessions of a Django whose views sign in and out by django.contrib.auth."""

    def enter_view(asked: Any) -> HttpResponse:
        user = types.SimpleNamespace(
            pk=asked.GET["user"],
            _meta=types.SimpleNamespace(pk=types.SimpleNamespace(value_to_string=lambda u: u.pk)),
        )
        sign_in(asked, user)
        return HttpResponse("in")

    def leave_view(asked: Any) -> HttpResponse:
        asked.session.flush()
        return HttpResponse("out")

    def page(asked: Any) -> HttpResponse:
        asked.session.setdefault("seen", []).append(1)
        return HttpResponse(f"{asked.session.guard.user} {len(asked.session['seen'])}")

    module = types.ModuleType("guard_auth_urls")
    module.urlpatterns = [path("in", enter_view), path("out", leave_view), path("", page)]  # type: ignore[attr-defined]
    sessions = Sessions(MemoryStore(), clock=Clock())
    with override_settings(
        ROOT_URLCONF=module, MIDDLEWARE=["vedette_guard.doors.django_sessions.SessionsMiddleware"], ALLOWED_HOSTS=["*"],
        VEDETTE_GUARD_SESSIONS=sessions, SESSION_ENGINE="vedette_guard.doors.django_sessions",
        SESSION_COOKIE_NAME="__Host-session",
    ):  # fmt: skip
        WSGIHandler()
        yield sessions


def sign_in(request: Any, user: Any) -> None:
    """Do what django.contrib.auth.login does with a session, for a user without a database."""
    if SESSION_KEY in request.session:
        if request.session[SESSION_KEY] != user.pk:
            request.session.flush()
    else:
        request.session.cycle_key()
    request.session[SESSION_KEY] = user.pk


def test_djangos_sign_in_rotates_and_its_flush_ends_the_session(django_site: Sessions) -> None:
    client = DjangoClient(SERVER_NAME="shop.example")
    client.get("/")
    before = client.cookies["__Host-session"].value
    client.get("/in?user=7")
    assert client.cookies["__Host-session"].value != before
    assert client.get("/").content == b"7 2"
    client.get("/in?user=8")
    assert client.get("/").content == b"8 1"
    assert (django_site.of("7"), len(django_site.of("8"))) == ([], 1)
    client.get("/out")
    assert client.cookies["__Host-session"].value == ""
    assert django_site.of("8") == []
    assert client.get("/").content == b" 1"


def test_djangos_test_client_may_write_a_session_beforehand(django_site: Sessions) -> None:
    client = DjangoClient(SERVER_NAME="shop.example")
    session = client.session
    session[SESSION_KEY] = "7"
    session["seen"] = [1, 1]
    session.save()
    client.cookies["__Host-session"] = session.session_key
    assert client.get("/").content == b"7 3"
    assert [ref.device for ref in django_site.of("7")] == ["Unknown device"]


@pytest.mark.deep
def test_djangos_admin_and_auth_with_the_guards_sessions_and_passwords(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "guard.tests.auth_site", str(tmp_path / "sessions.db")], capture_output=True, text=True,
        timeout=100, check=False, env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip().splitlines()[-1:]) == (0, ["ok"]), done.stderr
