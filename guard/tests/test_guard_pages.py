"""What the pages about passwords, sessions, second factors and sealed text show does what they say, in each door."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, chdir
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from guard.tests.clock import Clock
from guard.tests.doors import Ask, ask_asgi, ask_wsgi
from guard.tests.session_doors import DOORS, Client, Site, opened
from tests.support.authenticator import Authenticator
from vedette_guard.sessions import Session, Sessions
from vedette_guard.stores import MemoryStore

PAGES = Path(__file__).parents[2] / "docs" / "guard"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Yield how to run all that a page shows, in an empty folder; what it defines is returned."""

    def run(page: str) -> dict[str, Any]:
        text = (PAGES / f"{page}.md").read_text()
        names: dict[str, Any] = {"__name__": f"page_{page}"}
        for block in BLOCK.findall(text):
            exec(compile(block, f"{page}.md", "exec"), names)  # noqa: S102 - it is ours
        return names

    folder: AbstractContextManager[Any] = chdir(tmp_path)
    with folder:
        yield run


def test_passwords(shown: Callable[[str], dict[str, Any]]) -> None:
    names = shown("passwords")
    from django.contrib.auth.hashers import check_password, make_password
    from django.contrib.auth.password_validation import get_password_validators

    with override_settings(PASSWORD_HASHERS=names["PASSWORD_HASHERS"]):
        stored = make_password("quilt harbor nine lemons")
        assert stored.startswith("argon2$argon2id$v=19$m=19456")
        assert check_password("quilt harbor nine lemons", stored)
    (validator,) = get_password_validators(names["AUTH_PASSWORD_VALIDATORS"])
    with pytest.raises(Exception, match="at least 12"):
        validator.validate("short")


def test_sealed(shown: Callable[[str], dict[str, Any]]) -> None:
    assert shown("sealed")["Customer"]._meta.get_field("phone").context == "customer.phone"


def django_asker(names: dict[str, Any]) -> tuple[Callable[[Ask], Any], Any]:
    """Return how to ask a Django with what the page says in its settings, and those settings."""
    import types

    def count(request: Any) -> HttpResponse:
        request.session["visits"] = request.session.get("visits", 0) + 1
        return HttpResponse(
            f"{request.session['visits']} visits of {request.session.guard.user or 'somebody'}"
        )

    def enter(request: Any) -> HttpResponse:
        request.session.cycle_key()
        request.session["_auth_user_id"] = "ann"
        return HttpResponse("welcome")

    def leave(request: Any) -> HttpResponse:
        request.session.flush()
        return HttpResponse("see you soon")

    urls = types.ModuleType("guard_pages_urls")
    urls.urlpatterns = [path("", count), path("in", enter), path("out", leave)]  # type: ignore[attr-defined]
    said = {name: names[name] for name in names if name.isupper()}
    context = override_settings(
        ROOT_URLCONF=urls, ALLOWED_HOSTS=["*"], VEDETTE_GUARD=None, VEDETTE_GUARD_USER=None, **said
    )
    with context:
        handler = WSGIHandler()
    return lambda ask: ask_wsgi(handler, ask), context


def test_sessions_in_each_door(shown: Callable[[str], dict[str, Any]]) -> None:
    names = shown("sessions")
    django, context = django_asker(names)
    askers: list[Callable[[Ask], Any]] = [
        lambda ask: ask_asgi(names["asgi_app"], ask),
        lambda ask: ask_wsgi(names["wsgi_app"], ask),
        django,
    ]
    with context:
        for ask in askers:
            walk(ask)
    names["sessions"].store.close()


def walk(ask: Callable[[Ask], Any]) -> None:
    """Count visits, sign in, count on, sign out."""
    cookie, said = "", []
    for where in ("/", "/", "/in", "/", "/out", "/"):
        answer = ask(Ask(path=where, headers=[("cookie", cookie)] if cookie else []))
        said.append(answer.body.decode())
        for value in answer.all("set-cookie"):
            cookie = value.partition(";")[0]
    assert said == ["1 visits of somebody", "2 visits of somebody", "welcome", "3 visits of ann", "see you soon", "1 visits of somebody"]  # fmt: skip


def test_second_factors_in_each_door(shown: Callable[[str], dict[str, Any]]) -> None:
    names = shown("mfa")
    codes = list(names["recovery_codes"])
    sessions = Sessions(MemoryStore(), clock=Clock())
    for door in DOORS:
        site = Site()
        with opened(door, site, sessions) as ask:
            client = Client(site, ask, sessions)
            assert try_to_enter(client, names, "wrong", "") == "Name or password is wrong."
            assert try_to_enter(client, names, "quilt harbor nine lemons", "123") == "The code is wrong."
            assert try_to_enter(client, names, "quilt harbor nine lemons", codes.pop()) == "Welcome."
            assert client(lambda session: session.user) == "ann"
            by_passkey(client, names)
    names["store"].close()


def try_to_enter(client: Client, names: dict[str, Any], password: str, code: str) -> str:
    return client(lambda session: str(names["sign_in"](session, "ann", password, code, "198.51.100.7")))


def by_passkey(client: Client, names: dict[str, Any]) -> None:
    """Add a passkey to who is signed in, sign out, and in again with it."""
    key = Authenticator("https://shop.example", id=client.cookie.encode()[-32:])
    options = client(lambda session: str(names["ask_for_passkey"](session)))
    answer = key.make(json.dumps({"publicKey": json.loads(options)}))
    assert client(lambda session: str(names["add_passkey"](session, answer))) == "My laptop"
    client(_leave)
    options = client(lambda session: str(names["ask_who"](session)))
    answer = key.use(json.dumps({"publicKey": json.loads(options)}))
    said = client(lambda session: str(names["sign_in_by_passkey"](session, answer, "198.51.100.7")))
    assert said == "The passkey is the user's."
    assert client(lambda session: session.user) == "ann"


def _leave(session: Session) -> str:
    session.sign_out()
    return ""
