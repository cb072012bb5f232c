"""Servers with one fault each: it is found, and nothing else is."""

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import naughty
from tests.support import tls_certificates as certificates
from tests.support.naughty import Naughty
from tests.support.tls_servers import CASES, SAMPLE, Servers

from vedette.core.address import AddressPolicy
from vedette.instruments.scan.tls.scanner import scan
from vedette.instruments.scan.types import Asked, silent
from vedette.wire.scan import ScanReport

NO_MASTER_SECRET, CLIENTS_RENEGOTIATE = 1 << 0, 1 << 8  # SSL_OP_… of OpenSSL 3, which Python does not name
pytestmark = pytest.mark.xdist_group("tls-servers")


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    made = Servers(tmp_path_factory.mktemp("some"), SAMPLE)
    yield made
    made.close()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    made = Servers(tmp_path_factory.mktemp("all"))
    yield made
    made.close()


def looked(port: int, root: Path, host: str = "127.0.0.1", **options: str) -> ScanReport:
    asked = Asked(
        target=f"{host}:{port}", now=time.time(), feeds=root.parent, policy=AddressPolicy(allow_private=True),
        options={"server_name": "shop.test", "authority": str(root), **options}, deadline=30,
    )  # fmt: skip
    return scan(asked, silent)


def check(servers: Servers, name: str) -> ScanReport:
    report = looked(servers.ports[name], servers.root)
    assert {finding.check for finding in report.findings} == CASES[name].finds, report.findings
    assert report.complete, report.unknown
    return report


@pytest.mark.parametrize("name", SAMPLE)
def test_a_fault_is_found(some: Servers, name: str) -> None:
    report = check(some, name)
    assert (report.facts["grade"] == "A+") == (not CASES[name].finds), report.facts["grade_reasons"]


@pytest.mark.deep
@pytest.mark.parametrize("name", [name for name in CASES if name not in SAMPLE])
def test_every_fault_is_found(servers: Servers, name: str) -> None:
    check(servers, name)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "root.pem"
    path.write_text(certificates.root().pem)
    return path


def test_tls_that_begins_half_way(tmp_path: Path, root: Path) -> None:
    context = certificates.server_context(certificates.leaf(days=(-100, -10)), tmp_path)
    server = Naughty(naughty.starttls("smtp", context), reads=False)
    report = looked(server.port, root, starttls="smtp")
    server.close()
    assert {finding.check for finding in report.findings} == {"tls-certificate-expired"}, report.findings
    assert report.complete, report.unknown


@pytest.mark.deep
def test_what_openssl_does_only_when_told_to(tmp_path: Path, root: Path) -> None:
    context = certificates.server_context(
        certificates.leaf(), tmp_path, NO_MASTER_SECRET | CLIENTS_RENEGOTIATE
    )
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # the secret is bound in TLS 1.3 in any case
    answer = naughty.answer(headers="Strict-Transport-Security: max-age=63072000\r\n")
    server = Naughty(naughty.says(answer), context)
    report = looked(server.port, root)
    server.close()
    found = {finding.check for finding in report.findings}
    assert found == {"tls-master-secret", "tls-renegotiation-client", "tls-protocol-no-1.3"}, report.findings


@pytest.mark.deep
def test_a_profile_that_was_asked_for(servers: Servers) -> None:
    report = looked(servers.ports["right, EC"], servers.root, profile="modern")
    assert [finding.check for finding in report.findings] == ["tls-profile"]
    assert "It speaks TLS 1.2." in report.findings[0].evidence


@pytest.mark.deep
def test_a_name_with_two_addresses_of_which_one_answers(servers: Servers) -> None:
    report = looked(servers.ports["right, EC"], servers.root, host="localhost")
    assert (report.findings, report.complete, report.facts["addresses"]) == ((), True, "127.0.0.1")
