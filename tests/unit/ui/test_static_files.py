"""Built files: served from memory, packed, for ever; nothing else is reachable."""

import asyncio
import gzip
import json

import brotli
import pytest
from tools import assets

from vedette.ui import built
from vedette.ui.static_files import StaticFiles

APP = StaticFiles()


def ask(path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request"}

    async def send(message) -> None:
        sent.append(dict(message))

    named = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    asyncio.run(APP({"type": "http", "method": method, "path": path, "headers": named}, receive, send))
    got = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    return sent[0]["status"], got, sent[1]["body"]


@pytest.mark.parametrize("name", sorted(built.manifest()))
def test_every_name_of_the_manifest_is_served_for_ever(name: str) -> None:
    status, headers, body = ask(built.url(name))
    assert status == 200
    assert body
    assert "immutable" in headers["cache-control"]
    assert headers["content-length"] == str(len(body))
    assert "content-encoding" not in headers


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", ""), ("zstd", "")],
)
def test_packed_as_the_client_can(accepted: str, encoding: str) -> None:
    plain = ask(built.url("app.js"))[2]
    _, headers, body = ask(built.url("app.js"), accept_encoding=accepted)
    assert headers.get("content-encoding", "") == encoding
    assert {"": lambda b: b, "br": brotli.decompress, "gzip": gzip.decompress}[encoding](body) == plain
    assert headers["vary"] == "Accept-Encoding"


def test_fonts_are_not_packed_twice() -> None:
    assert "content-encoding" not in ask(built.url("app.css"), accept_encoding="")[1]
    font = next(path for path in APP._files if path.endswith(".woff2"))
    assert "content-encoding" not in ask(font, accept_encoding="br, gzip")[1]


def test_a_known_tag_costs_no_body() -> None:
    url = built.url("app.css")
    tag = ask(url, accept_encoding="br")[1]["etag"]
    status, _, body = ask(url, accept_encoding="br", if_none_match=tag)
    assert (status, body) == (304, b"")
    assert ask(url, if_none_match=tag)[0] == 200, "the tag of the packed body must not match the plain one"


def test_head_tells_the_length_without_the_body() -> None:
    status, headers, body = ask(built.url("app.css"), "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 10_000


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/manifest.json",
        "/static/../built.py",
        "/static/%2e%2e/built.py",
        "/static/..%2fbuilt.py",
        "/static//app.css",
        "/static/app.css",
        "/static/app.css\0",
    ],
)
def test_nothing_else_is_reachable(path: str) -> None:
    assert ask(path)[0] == 404


def test_only_reading() -> None:
    status, headers, _ = ask(built.url("app.css"), "POST")
    assert (status, headers["allow"]) == (405, "GET, HEAD")


def test_the_budget_of_the_parts() -> None:
    """<= 20 KB of JavaScript gz; CSS, script, icons and both fonts leave room for a page within 80 KiB."""
    assert len(ask(built.url("app.js"), accept_encoding="gzip")[2]) <= 20_000
    shared = sum(len(ask(path, accept_encoding="br")[2]) for path in APP._files)
    assert shared <= 64 * 1024


def test_the_stylesheet_names_only_files_that_are_served() -> None:
    css = ask(built.url("app.css"))[2].decode()
    import re

    named = re.findall(r"url\(\"?(/static/[^\")]+)\"?\)", css)
    assert len(named) == 2
    assert all(ask(path)[0] == 200 for path in named)


def test_the_built_files_are_those_of_the_sources() -> None:
    assert (built.FOLDER / "sources.txt").read_text().strip() == assets.sources(), "run tools/build-assets"


def test_the_manifest_is_plain_json() -> None:
    assert json.loads((built.FOLDER / "manifest.json").read_text()) == built.manifest()
