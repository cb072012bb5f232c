"""Checks of a real web server: versions of HTTP, credentials, certificates of clients."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import pki
from tests.support.nginx import Nginx

from vedette.core.address import AddressPolicy
from vedette.instruments.probe.running import run
from vedette.instruments.probe.types import Request, Result, Standpoint

pytestmark = pytest.mark.xdist_group("probes")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def nginx(folder: Path) -> Iterator[Nginx]:
    server = Nginx(folder)
    yield server
    server.close()


def look(folder: Path, url: str, *expect: str, **options: object) -> Result:
    standpoint = Standpoint(policy=AddressPolicy(allow_private=True), authorities=str(folder / "root.pem"))
    request = Request(url=url, expect=expect, options=options, pins=("127.0.0.1",))
    return asyncio.run(run(request, standpoint))


def test_versions_of_http(nginx: Nginx, folder: Path) -> None:
    url = f"https://shop.test:{nginx.two}/"
    offered = look(folder, url, "[BODY] == HTTP/2.0")
    assert (offered.ok, offered.evidence.protocol) == (True, "HTTP/2"), offered.sentence
    assert look(folder, url, "[BODY] == HTTP/1.1", version="1.1").ok
    assert look(folder, url, version="2").ok
    refused = look(folder, f"https://shop.test:{nginx.mutual}/", version="2")
    assert not refused.ok
    plain = look(folder, f"http://shop.test:{nginx.plain}/", version="2")
    assert plain.code in {"bad-answer", "closed-early"}, plain.sentence
    three = look(folder, url, version="3")
    assert three.code in {"refused", "timeout-in-connect", "tls-protocol", "bad-answer", "unreachable"}, (
        three.sentence
    )


def test_credentials(nginx: Nginx, folder: Path) -> None:
    url = f"http://shop.test:{nginx.plain}/private"
    assert look(folder, url).code == "bad-status"
    assert look(folder, url, "[STATUS] == 204", user="anna", password="planted").ok
    assert look(folder, url, user="anna", password="wrong").evidence.status == 401


def test_a_certificate_is_shown_to_those_who_want_one(nginx: Nginx, folder: Path) -> None:
    url = f"https://shop.test:{nginx.mutual}/"
    assert look(folder, url).evidence.status == 400
    client = pki.make("anna", pki.root())
    shown = look(folder, url, "[BODY] == CN=anna", client_certificate=client.pem, client_key=client.key_pem)
    assert shown.ok, shown.sentence
    broken = look(folder, url, client_certificate="-----BEGIN CERTIFICATE-----\nnope", client_key="nope-nope")
    assert broken.code == "tls-client-certificate"
    assert "nope-nope" not in broken.sentence


def test_methods_redirects_and_packed_bodies(nginx: Nginx, folder: Path) -> None:
    url = f"http://shop.test:{nginx.plain}"
    assert look(folder, f"{url}/", "[BODY] == ready").ok
    assert look(folder, f"{url}/agent", '[BODY] == "Vedette POST HTTP/1.1"', method="POST", body="x").ok
    assert look(folder, f"{url}/", "len([BODY]) == 0", method="HEAD").ok
    moved = look(folder, f"{url}/moved", "[CERTIFICATE_EXPIRATION] > 240h")
    assert [hop.status for hop in moved.evidence.hops][:1] == [301]
