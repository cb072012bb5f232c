"""Every example of docs/guard runs, and does what the page says."""

import re
import sys
import types
from pathlib import Path
from typing import Any

import pytest
import tomllib

from guard.tests.doors import Ask, ask_asgi, ask_wsgi
from guard.tests.vedette import Told
from vedette_guard import Policy, WsgiGuard
from vedette_guard.bans.copy import read
from vedette_guard.doors.django import GuardMiddleware, policy_of

PAGES = Path(__file__).parents[2] / "docs" / "guard"
FORM = ("content-type", "application/x-www-form-urlencoded")


def blocks(page: str, language: str) -> list[str]:
    """Return the examples of a page."""
    return re.findall(rf"```{language}\n(.*?)```", (PAGES / page).read_text(), re.DOTALL)


def run(code: str) -> dict[str, Any]:
    """Run an example; return what it defines."""
    module = types.ModuleType("vedette_guard_example")
    sys.modules[module.__name__] = module  # Litestar looks up the types of a handler there
    exec(compile(code, "example", "exec"), module.__dict__)  # noqa: S102
    return module.__dict__


def guard_of(app: Any) -> Any:
    """Return the guard of an application, which may be the application."""
    return getattr(app, "wsgi_app", None) or getattr(app, "asgi_app", None) or app


def ask(app: Any, asked: Ask) -> Any:
    """Ask through whatever door it has."""
    return (ask_wsgi if isinstance(guard_of(app), WsgiGuard) else ask_asgi)(app, asked)


EXAMPLES = [(page, code) for page in ("asgi.md", "wsgi.md") for code in blocks(page, "python")]


@pytest.mark.parametrize(("page", "code"), EXAMPLES, ids=lambda said: said if said.endswith(".md") else "")
def test_each_door_serves_and_guards(page: str, code: str) -> None:
    app = run(code)["app"]
    answer = ask(app, Ask(path="/"))
    assert (answer.status, answer.one("x-content-type-options")) == (200, "nosniff")
    assert b"hello" in answer.body
    assert ask(app, Ask(path="/", method="POST", headers=[("origin", "https://evil.example")])).status == 403


def test_there_is_an_example_for_each_framework() -> None:
    assert len(EXAMPLES) == 8


def test_django_takes_the_settings_of_its_page() -> None:
    (code,) = blocks("django.md", "python")
    names = run(code)
    assert names["MIDDLEWARE"][0] == f"{GuardMiddleware.__module__}.{GuardMiddleware.__name__}"
    policy = policy_of(names["VEDETTE_GUARD"])
    assert isinstance(policy, Policy)
    assert list(policy.paths) == ["/admin"]


def test_applications_tell_and_so_do_frameworks_that_answer_by_themselves() -> None:
    telling, *failing = blocks("telemetry.md", "python")
    app, told = run(telling)["app"], Told()
    guard_of(app)._engine.listener = told
    ask(app, Ask(path="/sign-in", method="POST", headers=[FORM], chunks=[b"name=ann"]))
    ask(app, Ask(path="/pictures", method="POST"))
    assert [(heard["kind"], heard["user"]) for heard in told.heard] == [("sign-in", "ann"), ("uploads", None)]
    assert len(failing) == 3
    for code in failing:
        app, told = run(code)["app"], Told()
        guard_of(app)._engine.listener = told
        assert ask(app, Ask(path="/fail")).status == 500
        assert [str(heard["error"]) for heard in told.errors] == ["no such tide"]


@pytest.mark.parametrize("page", ["telemetry.md", "decisions.md", "uploads.md"])
def test_the_tables_can_be_meant(page: str) -> None:
    for text in blocks(page, "toml"):
        Policy.from_mapping(tomllib.loads(text)["guard"])


def test_the_answer_of_the_protocol_is_read(tmp_path: Path) -> None:
    (text,) = blocks("decisions.md", "json")
    (tmp_path / "answer.json").write_text(text)
    cursor, (ban,) = read(tmp_path / "answer.json")
    assert (cursor, ban.network, ban.until) == ("81", "198.51.100.7/32", 1790000000.0)
