"""Django behind ASGI: whole bodies, clean headers, no thread for a slow sender."""

import asyncio
from collections.abc import Callable
from typing import Any

from vedette.app.pages import Pages

Environ = dict[str, Any]


def app(seen: list[Environ]) -> Callable[[Environ, Any], list[bytes]]:
    def wsgi(environ: Environ, start_response: Any) -> list[bytes]:
        environ["body"] = environ["wsgi.input"].read()
        seen.append(environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    return wsgi


def ask(pages: Pages, messages: list[dict[str, Any]], **scope: Any) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop(0)
        await asyncio.sleep(3600)
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(dict(message))

    whole = {
        "type": "http", "method": "POST", "path": "/x", "query_string": b"", "headers": [], "scheme": "http",
        "http_version": "1.1", "server": ("localhost", 80), "client": ("10.0.0.1", 5), "root_path": "", **scope,
    }  # fmt: skip
    asyncio.run(pages(whole, receive, send))
    return sent


def part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_parts_arrives_whole_with_its_true_length() -> None:
    seen: list[Environ] = []
    sent = ask(Pages(app(seen)), [part(b"ab", more=True), part(b"cd")], headers=[(b"content-length", b"999")])
    assert sent[0]["status"] == 200
    assert (seen[0]["body"], seen[0]["CONTENT_LENGTH"]) == (b"abcd", "4")


def test_a_client_that_left_gets_nothing() -> None:
    seen: list[Environ] = []
    assert ask(Pages(app(seen)), [part(b"x", more=True), {"type": "http.disconnect"}]) == []
    assert seen == []


def test_headers_that_would_pass_for_others_are_dropped() -> None:
    seen: list[Environ] = []
    ask(Pages(app(seen)), [part(b"")], headers=[(b"x_forwarded_for", b"1.2.3.4"), (b"x-real", b"yes")])
    assert "HTTP_X_FORWARDED_FOR" not in seen[0]
    assert seen[0]["HTTP_X_REAL"] == "yes"


def test_a_query_that_is_not_ascii_is_encoded() -> None:
    seen: list[Environ] = []
    ask(Pages(app(seen)), [part(b"")], query_string="q=käse&a=%20+".encode())
    assert seen[0]["QUERY_STRING"] == "q=k%C3%A4se&a=%20+"
