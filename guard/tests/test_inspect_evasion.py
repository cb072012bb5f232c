"""Requests made so that the looking stumbles: what hides behind line ends, takes forever, or raises."""

from __future__ import annotations

import pytest

from vedette_guard.inspecting import Inspector, Looked

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def inspector() -> Inspector:
    return Inspector("re2")


@pytest.mark.parametrize(
    "looked",
    [
        Looked(f"/?a=%&q={SCRIPT}"),
        Looked(f"/?a=%3&q={SCRIPT}"),
        Looked(f"/?a=%\r&b=1&q={SCRIPT}"),
        Looked("/", (), FORM, f"a=\n&q={SCRIPT}".encode()),
        Looked("/", (), FORM, f"a=%\n&b=\n\n&q={SCRIPT}".encode()),
        Looked("/", (), JSON, b'{"q": "%\\n' + SCRIPT.encode() + b'"}'),
        Looked("/", (("x-a", "%"), ("x-b", SCRIPT))),
    ],
)
def test_nothing_hides_behind_a_lone_percent_sign_or_a_line_end(inspector: Inspector, looked: Looked) -> None:
    assert [one.family for one in inspector.look(looked)] == ["xss"]
