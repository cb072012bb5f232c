"""Text through the examples of the documentation: what a stranger says runs on no page, and calculates in no sheet."""

import csv
import json
from collections.abc import Iterator

import pytest

from guard.tests.doors import Ask
from guard.tests.written import Asker, asked, example

SAID = {
    "author": "Eve\u202e\n<script>alert(1)</script>",
    "site": "javascript:alert(1)",
    "html": "<p onclick=alert(1)>Hello <b>you</b><img src=x onerror=alert(1)></p>",
}


@pytest.fixture(params=["fastapi", "flask", "django", "django-asgi"])
def ask(request: pytest.FixtureRequest) -> Iterator[Asker]:
    """Return the example of a framework."""
    framework: str = request.param
    with asked(example("text.md", framework.partition("-")[0]), framework) as asker:
        yield asker


def say(ask: Asker, **said: str) -> dict[str, str]:
    answer = ask(
        Ask(
            method="POST",
            path="/comments",
            headers=[("content-type", "application/json")],
            chunks=[json.dumps({**SAID, **said}).encode()],
        )
    )
    assert answer.status == 201, answer.body
    told: dict[str, str] = json.loads(answer.body)
    return told


def test_what_a_stranger_says_is_shown_and_runs_nowhere(ask: Asker) -> None:
    assert say(ask)["html"] == "<p>Hello <b>you</b></p>"
    page = ask(Ask(path="/comments")).body.decode()
    assert '<a href="#">Eve &lt;script&gt;alert(1)&lt;/script&gt;</a>: <p>Hello <b>you</b></p>' in page
    assert "\u202e" not in page


def test_what_is_exported_calculates_nothing() -> None:
    with asked(example("text.md", "django"), "django") as ask:
        say(ask, author="=HYPERLINK(1)", site="https://a.example/?a=1,2")
        rows = list(csv.reader(ask(Ask(path="/comments.csv")).body.decode().splitlines()))
    assert rows == [["'=HYPERLINK(1)", "https://a.example/?a=1,2"]]
