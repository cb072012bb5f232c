"""testssl.sh, which shares no line with what we ask, agrees on protocols and suites of four servers."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.tls_servers import Servers

from vedette.core.address import AddressPolicy
from vedette.instruments.scan.tls.scanner import scan
from vedette.instruments.scan.types import Asked, silent

NAMES = ("right, EC", "TLS 1.0", "no forward secrecy", "small group")
# What it calls a protocol that is offered.
PROTOCOLS = {
    "SSLv2": "SSL 2.0",
    "SSLv3": "SSL 3.0",
    "TLS1": "TLS 1.0",
    "TLS1_1": "TLS 1.1",
    "TLS1_2": "TLS 1.2",
    "TLS1_3": "TLS 1.3",
}
pytestmark = [
    pytest.mark.deep,
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        shutil.which("testssl") is None, reason="testssl.sh is not installed: tools/system-packages test"
    ),
]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    made = Servers(tmp_path_factory.mktemp("tls"), NAMES)
    yield made
    made.close()


def told_by_testssl(port: int, folder: Path) -> tuple[set[str], set[str]]:
    """Return the protocols and the suites (names at OpenSSL) that testssl.sh finds."""
    found = folder / "found.json"
    how = ["--quiet", "--warnings", "off", "--color", "0", "--ip", "127.0.0.1", "--jsonfile", str(found)]
    subprocess.run(
        ["testssl", *how, "-p", "-E", f"shop.test:{port}"], check=False, capture_output=True, timeout=300
    )
    told = {row["id"]: row["finding"] for row in json.loads(found.read_text())}
    protocols = {ours for name, ours in PROTOCOLS.items() if told.get(name, "").startswith("offered")}
    suites = {text.split()[3] for name, text in told.items() if name.startswith(("cipher-tls", "cipher-ssl"))}
    return protocols, suites


@pytest.mark.parametrize("name", NAMES)
def test_another_program_agrees(servers: Servers, tmp_path: Path, name: str) -> None:
    port = servers.ports[name]
    asked = Asked(
        target=f"127.0.0.1:{port}", now=time.time(), feeds=tmp_path, policy=AddressPolicy(allow_private=True), deadline=60,
        options={"server_name": "shop.test", "authority": str(servers.root)},
    )  # fmt: skip
    facts = scan(asked, silent).facts
    protocols, suites = told_by_testssl(port, tmp_path)
    assert set(facts["protocols"].split(", ")) == protocols
    assert set(facts["ciphers"].split(", ")) == suites
