"""What port 80 answers: proofs by token, and the way to HTTPS at a name of ours, whatever a stranger sends."""

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.certificates.answering import Desk
from vedette.certificates.redirecting import Reply, reply

NAMES = ("watch.example.com", "status.example.com")
PROOFS = {"tok_-1": "tok_-1.thumb"}


def answer(head: str | bytes, port: int = 443) -> Reply:
    raw = head if isinstance(head, bytes) else head.encode("latin-1")
    return reply(raw, NAMES, port, lambda token: PROOFS.get(token, ""))


@pytest.mark.parametrize(
    ("line", "host", "status", "location"),
    [
        ("GET / HTTP/1.1", "watch.example.com", 301, "https://watch.example.com/"),
        ("HEAD /a?b=1&c=%20 HTTP/1.1", "Status.Example.com:80", 301, "https://status.example.com/a?b=1&c=%20"),
        ("POST /api/1/envelope/ HTTP/1.1", "watch.example.com.", 308, "https://watch.example.com/api/1/envelope/"),
        ("DELETE /x HTTP/1.0", "", 308, "https://watch.example.com/x"),
        ("GET / HTTP/1.1", "evil.example", 301, "https://watch.example.com/"),
        ("GET / HTTP/1.1", "watch.example.com.evil.example", 301, "https://watch.example.com/"),
        ("GET //evil.example/x HTTP/1.1", "a", 301, "https://watch.example.com//evil.example/x"),
        ("GET http://evil.example/x HTTP/1.1", "a", 301, "https://watch.example.com/x"),
        ("GET http://evil.example HTTP/1.1", "a", 301, "https://watch.example.com/"),
        ("GET http://evil.example?q=1 HTTP/1.1", "a", 301, "https://watch.example.com/?q=1"),
    ],
)  # fmt: skip
def test_everybody_is_sent_to_a_name_of_ours(line: str, host: str, status: int, location: str) -> None:
    assert answer(f"{line}\r\nHost: {host}\r\n\r\n") == Reply(status, location)


def test_two_hosts_are_no_host() -> None:
    head = "GET / HTTP/1.1\r\nHost: status.example.com\r\nHost: evil.example\r\n\r\n"
    assert answer(head).location == "https://watch.example.com/"


def test_another_port_is_named() -> None:
    assert answer("GET / HTTP/1.1\r\n\r\n", 8443).location == "https://watch.example.com:8443/"


@pytest.mark.parametrize(
    "head",
    [
        "", "GET", "GET /", "GET / HTTP/2", "get / HTTP/1.1", "GET /a b HTTP/1.1", "CONNECT evil.example:443 HTTP/1.1",
        "OPTIONS * HTTP/1.1", "GET /\\evil.example HTTP/1.1", "GET /é HTTP/1.1", "GET /a\nX: 1 HTTP/1.1", "GET /<script> HTTP/1.1",
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused(head: str) -> None:
    assert answer(f"{head}\r\n\r\n").status == 400


@given(st.binary(max_size=300))
def test_no_bytes_bring_a_header_or_a_place_of_their_own(head: bytes) -> None:
    found = answer(head)
    assert found.status in {200, 301, 308, 400, 404}
    assert not found.location or found.location.startswith(
        ("https://watch.example.com/", "https://status.example.com/")
    )
    assert not {"\r", "\n", " "} & set(found.location)


def test_proofs_are_shown_by_their_token_alone() -> None:
    before = "/.well-known/acme-challenge/"
    assert answer(f"GET {before}tok_-1 HTTP/1.1\r\nHost: evil.example\r\n\r\n") == Reply(
        200, text="tok_-1.thumb"
    )
    for other in ("", "unknown", "../installed.json", "tok_-1/", "tok_-1?x", "%2e%2e%2finstalled.json"):
        assert answer(f"GET {before}{other} HTTP/1.1\r\n\r\n").status == 404
    assert answer(f"POST {before}tok_-1 HTTP/1.1\r\n\r\n").status == 308


def ask(*sent: bytes) -> bytes:
    """Send pieces to a desk on loopback and return all it answers."""

    async def talk() -> bytes:
        listener = socket.create_server(("127.0.0.1", 0))
        desk = Desk(NAMES, 443, lambda token: PROOFS.get(token, ""))
        await desk.open(listener)
        reading, writing = await asyncio.open_connection(*listener.getsockname())
        for piece in sent:
            writing.write(piece)
            await writing.drain()
        got = await reading.read()
        writing.close()
        desk.close()
        return got

    return asyncio.run(talk())


def test_the_desk_answers_whole_and_closes() -> None:
    got = ask(b"GET /.well-known/acme-", b"challenge/tok_-1 HTTP/1.1\r\nHost: x\r\n\r\n")
    head, _, body = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nConnection: close" in head
    assert b"\r\nContent-Length: 12" in head
    assert body == b"tok_-1.thumb"


def test_a_body_is_not_in_the_way_of_the_answer() -> None:
    got = ask(b"POST /api/1/store/ HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", b"x" * 60_000)
    assert got.startswith(b"HTTP/1.1 308 Permanent Redirect\r\n")
    assert b"\r\nLocation: https://watch.example.com/api/1/store/\r\n" in got


def test_whoever_talks_on_and_on_is_cut_off() -> None:
    assert ask(b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n") == b""
