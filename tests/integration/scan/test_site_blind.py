"""A site that cannot be seen is never clean."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import pki
from tests.support.naughty import Naughty
from tests.support.sites import Fault, served

from vedette.instruments.scan import registry, running
from vedette.instruments.scan.types import Asked
from vedette.wire.scan import ScanReport


def scanned(url: str, folder: Path, deadline: float = 1.0) -> ScanReport:
    return running.run(
        registry.scanner_of("site"), Asked(target=url, now=0.0, feeds=folder, deadline=deadline)
    )


def is_blind(report: ScanReport) -> bool:
    return (
        not report.findings and not report.complete and bool(report.unknown[0].why and report.unknown[0].fix)
    )


def _endless(sock: socket.socket, _data: bytes) -> None:
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    for _ in range(400):
        sock.sendall(b"x" * 65_536)


def _silent(sock: socket.socket, _data: bytes) -> None:
    sock.recv(1)


@pytest.fixture
def naughty() -> Iterator[Naughty]:
    made = Naughty(_endless)
    yield made
    made.close()


def test_blind_unreachable(tmp_path: Path) -> None:
    with served(Fault()) as url:
        gone = url
    assert is_blind(scanned(gone, tmp_path))


def test_blind_endless_body(naughty: Naughty, tmp_path: Path) -> None:
    report = scanned(f"http://127.0.0.1:{naughty.port}/", tmp_path, 10.0)
    assert is_blind(report)
    assert "larger than" in report.unknown[0].why


def test_blind_silent(tmp_path: Path) -> None:
    server = Naughty(_silent)
    began = time.monotonic()
    try:
        assert is_blind(scanned(f"http://127.0.0.1:{server.port}/", tmp_path, 0.3))
    finally:
        server.close()
    assert time.monotonic() - began < 3


def test_blind_broken_tls(tmp_path: Path) -> None:
    server = Naughty(_silent, pki.server_context(tmp_path, "expired"))
    try:
        assert is_blind(scanned(f"https://localhost:{server.port}/", tmp_path, 3.0))
    finally:
        server.close()


@pytest.mark.parametrize(
    "answer",
    [
        (503, {}, b""),
        (403, {}, b"no"),
        (429, {}, b""),
        (302, {"Location": "/"}, b""),
        (302, {"Location": "http://other.invalid/"}, b""),
    ],
)
def test_blind_errors_and_loops(answer: tuple[int, dict[str, str], bytes], tmp_path: Path) -> None:
    with served(Fault(does=lambda _: answer)) as url:
        assert is_blind(scanned(url, tmp_path))


def test_blind_not_proven(tmp_path: Path) -> None:
    report = scanned("https://192.0.2.7/", tmp_path)
    assert is_blind(report)
    assert "vedette-site=" in report.unknown[0].fix


@pytest.mark.parametrize("status", [403, 429])
def test_blind_held_back_after_the_start_page(status: int, tmp_path: Path) -> None:
    def does(asked: tuple[str, str, object, object]) -> tuple[int, dict[str, str], bytes] | None:
        return None if asked[1] == "/" else (status, {}, b"")

    with served(Fault(does=does)) as url:
        report = scanned(url, tmp_path, 10.0)
    assert not report.complete
    assert "held requests back" in report.unknown[-1].why


def test_what_a_site_serves_cannot_hold_the_scan_up(tmp_path: Path) -> None:
    plain = {"Content-Type": "text/plain"}
    files = {
        "/.env": (200, plain, b"\n" * 65_000),
        "/.env.local": (200, plain, b"AKEY" * 16_000),
        "/.env.bak": (200, plain, b"\n" * 60_000 + b"DB_PASSWORD = x\n"),
        "/robots.txt": (200, plain, b"\n" * 65_000),
        "/.well-known/security.txt": (200, plain, b"a: b" + b" " * 65_000 + b"c"),
        "/dump.sql": (200, plain, b"-- MySQL dump\n" + b"x" * (3 << 20)),
        "/actuator": (200, plain, b'"_links":' * 7_000),
    }
    body = b"<html><a href='/large.pdf'>Large</a></html>"
    files["/large.pdf"] = (200, {"Content-Type": "application/pdf"}, b"x" * (3 << 20))
    began = time.monotonic()
    with served(Fault(body=body, files=files)) as url:
        report = scanned(url, tmp_path, 60.0)
    assert time.monotonic() - began < 20
    assert {"site-env-exposed", "site-dump-exposed"} <= {each.check for each in report.findings}
    assert report.complete
