"""What presets promise: FastAPI's own pages and Django's admin work under theirs."""

import html.parser
import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI

from guard.tests.doors import Answer, Ask, ask_asgi
from vedette_guard import Guard, PathPolicy, Policy

NEEDS = {"script": ("src", "script-src"), "img": ("src", "img-src"), "link": ("href", "style-src")}
RELATIONS = {"stylesheet": "style-src", "shortcut icon": "img-src", "icon": "img-src"}


class Needs(html.parser.HTMLParser):
    """What a page loads: (directive, address), an empty address for what stands in the page itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if "style" in said:
            self.found.append(("style-src", ""))
        self.found.extend(("script-src", "") for name in said if name.startswith("on"))
        if tag == "style":
            self.found.append(("style-src", ""))
        elif tag in NEEDS and (tag != "script" or said.get("type") != "application/json"):
            attribute, directive = NEEDS[tag]
            self.found.append((RELATIONS.get(said.get("rel") or "", directive), said.get(attribute) or ""))


def allowed(csp: str, directive: str, address: str) -> bool:
    """Tell whether a policy lets a page load an address (of its own host: a path), or run what stands in it."""
    said = {part.split()[0]: part.split()[1:] for part in csp.split(";")}
    sources = said.get(directive, said.get("default-src", ["*"]))
    if not address:
        return "'unsafe-inline'" in sources
    if address.startswith("data:"):
        return "data:" in sources
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" in sources if parts.netloc else "'self'" in sources


def refused(answer: Answer) -> list[tuple[str, str]]:
    """Return what a page needs and its policy refuses."""
    csp = answer.one("content-security-policy") or ""
    found = Needs(answer.body.decode()).found
    assert found
    return [need for need in found if not allowed(csp, *need)]


def test_the_documentation_of_fastapi_works_by_its_preset_and_not_under_strict() -> None:
    policy = Policy.preset("strict").but(
        paths={"/docs": PathPolicy.preset("fastapi-docs"), "/redoc": PathPolicy.preset("fastapi-docs")}
    )
    app = Guard(FastAPI(), policy)
    for path in ("/docs", "/redoc"):
        answer = ask_asgi(app, Ask(path=path))
        assert answer.status == 200
        assert refused(answer) == []
        assert "'unsafe-inline'" not in (
            ask_asgi(app, Ask(path="/openapi.json")).one("content-security-policy") or ""
        )
        assert refused(ask_asgi(Guard(FastAPI(), "strict"), Ask(path=path))), "the test would not see it"


def test_the_documentation_of_fastapi_works_by_default() -> None:
    answer = ask_asgi(Guard(FastAPI()), Ask(path="/docs"))
    csp = answer.one("content-security-policy") or ""
    assert "script-src" not in csp
    assert "default-src" not in csp


@pytest.mark.deep
def test_djangos_admin_works_by_its_preset() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "guard.tests.admin_site"], capture_output=True, text=True, timeout=100, check=True,
        env={name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
    )  # fmt: skip
    pages = json.loads(done.stdout)
    assert set(pages) == {
        "/admin/login/",
        "/admin/",
        "/admin/auth/user/",
        "/admin/auth/user/add/",
        "/admin/auth/user/1/change/",
    }
    for path, page in pages.items():
        answer = Answer(
            page["status"], [(name, value) for name, value in page["headers"]], [page["body"].encode()]
        )
        assert (answer.status, refused(answer)) == (200, []), path
        assert "no-store" in (answer.one("cache-control") or "")
