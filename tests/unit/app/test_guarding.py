"""The guard in front of Vedette's own interface: what every answer says, what never comes in, and what must come in."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from vedette_guard.decisions.paths import Prefixes

from vedette.app.guarding import MOST_A_MINUTE, MOST_BYTES, SIGNED, Guarded
from vedette.core.settings import Settings

PAIRS = list[tuple[bytes, bytes]]


def ask(
    guarded: Guarded,
    method: str = "GET",
    path: str = "/",
    scheme: str = "http",
    body: bytes = b"",
    **sent: str,
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of an answer."""
    headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in sent.items()]
    scope = {
        "type": "http", "method": method, "path": path, "query_string": b"", "scheme": scheme, "http_version": "1.1",
        "headers": [(b"host", b"watch.example"), *headers], "client": ("10.0.0.1", 5), "server": ("watch.example", 80),
    }  # fmt: skip
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        said.append(dict(message))

    asyncio.run(guarded(scope, receive, send))
    told = {name.decode(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], told, b"".join(one.get("body", b"") for one in said[1:])


def inside(*headers: tuple[bytes, bytes]) -> Callable[..., Any]:
    """Return an application that says the headers, and the scheme as its body, once it has read what it was sent."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while scope["method"] == "POST":
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
        await send({"type": "http.response.body", "body": scope["scheme"].encode()})

    return app


def guarded(*headers: tuple[bytes, bytes], trusted: int = 0, url: str = "https://watch.example") -> Guarded:
    return Guarded(inside(*headers), Settings(base_url=url, trusted_proxies=trusted))


def test_the_policy_is_exact_and_every_answer_has_it() -> None:
    for answer in (
        ask(guarded()),
        ask(guarded(), "POST", sec_fetch_site="cross-site"),
        ask(guarded(), host="@evil"),
    ):
        told = answer[1]
        assert dict(part.strip().split(" ", 1) for part in told["content-security-policy"].split(";")) == {
            "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "font-src": "'self'",
            "connect-src": "'self'", "form-action": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'",
        }  # fmt: skip
        assert {name: told[name] for name in told if name.startswith(("x-", "cross-", "referrer", "cache"))} == {
            "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin", "cache-control": "no-store",
        }  # fmt: skip
        assert {"camera=()", "geolocation=()", "microphone=()", "payment=()", "usb=()"} <= set(
            told["permissions-policy"].split(", ")
        )


def test_files_say_little() -> None:
    told = ask(guarded((b"cache-control", b"immutable")), path="/static/app.css")[1]
    assert {name for name in told if not name.startswith("ratelimit")} == {
        "cache-control", "x-content-type-options", "cross-origin-resource-policy",
    }  # fmt: skip


def test_a_page_may_say_its_own() -> None:
    own = ((b"cache-control", b"max-age=60"), (b"content-security-policy", b"default-src 'none'; sandbox"))
    told = ask(guarded(*own))[1]
    assert (told["cache-control"], told["content-security-policy"].split(";")[:2]) == (
        "max-age=60", ["default-src 'none'", " sandbox"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "told", "trusted", "seen"),
    [
        ("https", "", 0, "https"),
        ("http", "", 1, "http"),
        ("http", "https", 1, "https"),
        ("http", "https, http", 1, "http"),
        ("http", "https", 0, "http"),
    ],
)
def test_hsts_and_safe_cookies_only_where_it_came_by_https(
    scheme: str, told: str, trusted: int, seen: str
) -> None:
    found = guarded((b"set-cookie", b"vedette=1"), trusted=trusted)
    _, headers, body = ask(found, scheme=scheme, x_forwarded_proto=told)
    assert body.decode() == seen
    assert headers.get("strict-transport-security", "") == ("max-age=31536000" if seen == "https" else "")
    assert headers["set-cookie"].startswith("vedette=1; HttpOnly") or "HttpOnly" in headers["set-cookie"]
    assert ("Secure" in headers["set-cookie"]) is (seen == "https")


@pytest.mark.parametrize(
    ("name", "hidden"), [("vedette", True), ("messages", True), ("theme", False), ("tz", False)]
)
def test_scripts_read_no_cookie_but_what_they_write(name: str, *, hidden: bool) -> None:
    headers = ask(guarded((b"set-cookie", f"{name}=1".encode())))[1]
    assert ("HttpOnly" in headers["set-cookie"]) is hidden


def test_what_foreign_pages_send_never_comes_in_but_where_it_is_signed() -> None:
    found = guarded()
    assert ask(found, "POST", sec_fetch_site="same-origin")[0] == 200
    assert ask(found, "POST", origin="https://watch.example")[0] == 200
    assert ask(found, "POST")[0] == 200, "no browser sent it"
    for path in ("/", "/issues/", "/api/v1/monitors", "/alerts/"):
        status, headers, body = ask(found, "POST", path, sec_fetch_site="cross-site")
        assert (status, headers["content-type"]) == (403, "application/problem+json"), body
    for path in SIGNED:
        assert ask(found, "POST", f"{path}/x", sec_fetch_site="cross-site")[0] == 200


def test_the_address_people_use_is_trusted_where_the_proxy_tells_another_host() -> None:
    found = guarded(url="https://seen.example")
    assert ask(found, "POST", origin="https://seen.example")[0] == 200
    assert ask(found, "POST", origin="https://other.example")[0] == 403


def test_a_body_beyond_the_bound_and_floods_are_refused() -> None:
    found = guarded(trusted=1)
    status, _, body = ask(found, "POST", body=b"x" * (MOST_BYTES + 1))
    assert (status, b"3145728" in body.replace(b",", b"")) == (413, True), body
    flood = itertools.takewhile(
        lambda _: ask(found, x_forwarded_for="192.0.2.1")[0] == 200, range(MOST_A_MINUTE)
    )
    assert MOST_A_MINUTE // 4 <= len(list(flood)) < MOST_A_MINUTE
    assert ask(found, x_forwarded_for="192.0.2.2")[0] == 200, "each address has its own count"


def test_a_proxy_that_adds_a_line_of_its_own_is_heard() -> None:
    """HAProxy leaves the stranger's line and writes another."""
    found = guarded(trusted=1)
    lines = [
        (b"x-forwarded-for", b"9.9.9.9"),
        (b"x-forwarded-for", b"192.0.2.1"),
        (b"x-forwarded-proto", b"http"),
    ]
    scope = {"type": "http", "scheme": "http", "client": ("10.0.0.1", 5)}
    assert found._client({**scope, "headers": lines}) == "192.0.2.1"
    more = [*lines, (b"x-forwarded-proto", b"https")]
    assert found._seen({**scope, "headers": more})["scheme"] == "https"


def views(patterns: Any, prefix: str = "") -> dict[str, Any]:
    """Return every view by its path, as far as that is fixed."""
    found: dict[str, Any] = {}
    for one in patterns:
        path = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            found |= views(one.url_patterns, path)
        elif isinstance(one, URLPattern):
            found[path] = one.callback
    return found


def test_every_view_that_needs_no_token_of_a_form_is_let_in_and_no_other() -> None:
    """The API is asked with a token that no foreign page has; the guard keeps such pages out of it."""
    exempt = Prefixes(SIGNED)
    for path, view in views(get_resolver().url_patterns).items():
        if not path.startswith("api/v1"):
            assert getattr(view, "csrf_exempt", False) is (f"/{path}" in exempt), path
