"""What to paste: one entry for each platform a project may have, with the project's own address in it."""

import ast

import pytest

from vedette.projects.types import Platform
from vedette.web import snippets

DSN = "https://0123456789abcdef0123456789abcdef@errors.example/prefix/7"


def test_every_platform_of_a_project_has_its_snippet() -> None:
    assert {p.key for p in snippets.PLATFORMS} == {p.value for p in Platform}


@pytest.mark.parametrize("key", [p.key for p in snippets.PLATFORMS])
def test_the_address_is_filled_in_and_nothing_is_left_open(key: str) -> None:
    texts = [step.text for step in snippets.steps(key, DSN)]
    assert any(DSN in text or "errors.example" in text for text in texts)
    assert not any(mark in text for text in texts for mark in ("{dsn}", "{store}", "{script}", "{key}"))


@pytest.mark.parametrize("key", ["python", "django", "fastapi", "flask"])
def test_python_snippets_are_python(key: str) -> None:
    for step in snippets.steps(key, DSN):
        if step.language == "python":
            ast.parse(f"x = [{step.text}]" if step.text.startswith("path(") else step.text)


def test_something_else_gets_a_command_that_speaks_the_protocol() -> None:
    command = snippets.steps("other", DSN)[1].text
    assert "https://errors.example/prefix/api/7/store/" in command
    assert "sentry_key=0123456789abcdef0123456789abcdef" in command


def test_a_browser_may_load_our_own_client() -> None:
    assert (
        '"https://errors.example/prefix/js/0123456789abcdef0123456789abcdef.js"'
        in snippets.steps("javascript", DSN)[-1].text
    )


def test_an_unknown_platform_reads_as_something_else() -> None:
    assert snippets.platform("cobol").key == "other"
    assert snippets.platform("DJANGO").key == "django"


def test_the_picker_shows_every_platform_once() -> None:
    shown = [p.key for _, members in snippets.families() for p in members]
    assert sorted(shown) == sorted(p.key for p in snippets.PLATFORMS)
