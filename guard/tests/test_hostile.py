"""Whatever is sent: the guard answers once, with its headers, and never raises."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.tests.clock import Clock
from guard.tests.doors import Act, Ask, Door, ask_asgi, ask_wsgi, raw_asgi, raw_wsgi
from vedette_guard import Cookies, Cors, Csrf, Guard, Https, Policy, Proxies, Rate, WsgiGuard

EVERYTHING = Policy.preset("strict").but(
    hosts=("shop.example",),
    proxies=Proxies(trusted=("10.0.0.0/8", "unix")),
    csrf=Csrf(trusted=("https://app.example",), exempt=("/hooks",)),
    cookies=Cookies(http_only="all", host_prefix=("sid",)),
    cors=Cors(origins=("https://app.example",), credentials=True),
    rates=(
        Rate("all", limit=1_000_000, by=("address", "key", "cookie:sid", "header:x-device", "route")),
        Rate("some", limit=1_000_000, paths=("/a", "/b"), methods=("POST",)),
    ),
    https=Https(redirect=True, hsts="1y"),
)
NAMES = [
    "origin", "sec-fetch-site", "cookie", "x-forwarded-for", "x-forwarded-proto", "content-type", "x-api-key", "x-device",
    "authorization", "access-control-request-method",
]  # fmt: skip
STARTS = [
    "",
    "https://",
    "https://shop.example",
    "multipart/form-data; boundary=",
    "application/json",
    "10.0.0.1, ",
    "__Host-sid=",
]
latin = st.text(st.characters(max_codepoint=255), max_size=30)
said = st.builds(str.__add__, st.sampled_from(STARTS), latin)
asks = st.builds(
    Ask,
    method=st.sampled_from(["GET", "POST", "OPTIONS", "PURGE", ""]),
    path=st.text(max_size=20).map("/".__add__),
    headers=st.lists(st.tuples(st.sampled_from(NAMES), said), max_size=6),
    host=st.one_of(st.none(), st.just("shop.example"), latin),
    chunks=st.lists(st.binary(max_size=40), max_size=3),
    length=st.booleans(),
    scheme=st.sampled_from(["http", "https"]),
    peer=st.sampled_from(["10.0.0.1", "198.51.100.7", "2001:db8::1", ""]),
    query=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=10),
)


def judged(answer: Any) -> None:
    """Assert that an answer is one of the guard's or the application's, and well-formed."""
    assert answer.status in {200, 301, 308, 400, 403, 408, 411, 413}, answer
    assert answer.starts == 1
    assert answer.one("x-content-type-options") == "nosniff"
    for _, value in answer.headers:
        assert not set("\r\n\0") & set(value)


ASGI = Guard(raw_asgi(Act()), EVERYTHING, clock=Clock())
WSGI = WsgiGuard(raw_wsgi(Act()), EVERYTHING, clock=Clock())


def answered_once(ask: Ask) -> None:
    """Assert that both doors answer a request once."""
    judged(ask_asgi(ASGI, ask))
    judged(ask_wsgi(WSGI, ask))


@settings(max_examples=100, deadline=None)
@given(asks)
def test_any_request_is_answered_once(ask: Ask) -> None:
    answered_once(ask)


@pytest.mark.deep
@settings(max_examples=5000, deadline=None)
@given(asks)
def test_very_many_requests_are_answered_once(ask: Ask) -> None:
    answered_once(ask)


@pytest.mark.corpus
def test_naughty_strings_pass_every_door(door: Door, corpora: Path) -> None:
    strings = json.loads((corpora / "blns/blns.json").read_text())
    crlf = (corpora / "fuzzdb/http-protocol/crlf-injection.txt").read_text(errors="replace").splitlines()
    ask = door.open(Act(), EVERYTHING.but(limits=Policy().limits), clock=Clock())
    for text in [*strings, *crlf][:: 1 if door.name == "asgi" else 15]:
        value = text.encode().decode("latin-1")
        headers = [
            ("origin", value),
            ("cookie", value),
            ("x-forwarded-for", value),
            ("sec-fetch-site", value),
        ]
        query = text.encode("ascii", "ignore").decode()
        if door.name == "wsgi" and any(ord(one) < 32 for one in value + query):
            continue  # no server would let it through; the validator minds
        path = "/" + "".join(one for one in text if one != "\0" and not "\ud800" <= one <= "\udfff")
        judged(ask(path=path, query=query, headers=headers, method="POST", scheme="http", peer="10.0.0.1"))
