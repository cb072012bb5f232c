"""Certificates from a real authority, Debian's Pebble: proofs at our port, a chain that is trusted, refusals in our words."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store
from tests.support import acme
from tests.support.ports import free_port

from vedette.app import ordering as trying
from vedette.certificates import ordering
from vedette.certificates.answering import Desk
from vedette.certificates.keeping import Folder, load
from vedette.certificates.types import Failure, Wanted
from vedette.core.clock import SystemClock
from vedette.core.settings import Settings
from vedette.plumbing.seal.aesgcm import AesGcmSeal

pytestmark = pytest.mark.xdist_group("acme")
SEAL = AesGcmSeal(bytes(32))
NAMES = (acme.NAME, "status.vedette.test")


@contextmanager
def desk(listener: socket.socket, folder: Folder) -> Iterator[None]:
    """Answer at a port as `vedette up` does, on a loop of its own."""
    loop = asyncio.new_event_loop()
    made = Desk(NAMES, 443, folder.proof)
    loop.run_until_complete(made.open(listener))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(made.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def settings_of(ca: acme.Authority, data: Path) -> Settings:
    return Settings(
        data=data, domains=",".join(NAMES), acme_directory=ca.directory, acme_ca_bundle=str(ca.bundle),
        allow_private_addresses=True, acme_email="ops@vedette.test",
    )  # fmt: skip


def obtain(settings: Settings) -> None:
    trying.order(settings, Wanted(settings.names, settings.acme_url), SEAL, SystemClock())


def test_a_certificate_is_obtained_and_trusted(tmp_path: Path) -> None:
    """From an authority that forgets three in ten of the nonces it gave."""
    listener = socket.create_server(("127.0.0.1", 0))
    folder = Folder(tmp_path)
    forgetful = {"PEBBLE_WFE_NONCEREJECT": "30"}
    with acme.pebble(listener.getsockname()[1], env=forgetful) as ca, desk(listener, folder):
        obtain(settings_of(ca, tmp_path))
        chain, key = load(tmp_path, SEAL)
        leaf, *above = x509.load_pem_x509_certificates(chain.encode())
        root = x509.load_pem_x509_certificate(ca.root.encode())
        for name in NAMES:
            judge = PolicyBuilder().store(Store([root])).build_server_verifier(x509.DNSName(name))
            assert judge.verify(leaf, above)
        read = folder.certificate()
        assert read
        assert (read.names, read.directory) == (NAMES, ca.directory)
        assert read.serial == f"{leaf.serial_number:x}"
        assert key.startswith("-----BEGIN PRIVATE KEY-----")
        account = folder.account(ca.directory, SEAL)
        assert account
        assert account.url.startswith(ca.directory.removesuffix("/dir"))
        assert not list((tmp_path / "certificates" / "proofs").iterdir()), "proofs go when they were seen"


@pytest.mark.deep
def test_an_account_is_made_once_and_refusals_are_told(tmp_path: Path) -> None:
    port = free_port()
    with acme.pebble(port) as ca:
        settings = settings_of(ca, tmp_path)
        with pytest.raises(ordering.Refused) as nobody:
            obtain(settings)
        assert nobody.value.outcome.failure is Failure.NAME
        assert "at port 80" in str(nobody.value)
        folder = Folder(tmp_path)
        account = folder.account(ca.directory, SEAL)
        assert account
        other = socket.create_server(("127.0.0.1", port))
        elsewhere = desk(other, Folder(tmp_path / "other"))
        with elsewhere, pytest.raises(ordering.Refused, match="Something else than Vedette answers"):
            obtain(settings)
        with desk(socket.create_server(("127.0.0.1", port)), folder):
            for _ in range(2):
                obtain(settings)
        assert folder.account(ca.directory, SEAL) == account


@pytest.mark.deep
def test_an_authority_nobody_vouches_for_is_not_asked(tmp_path: Path) -> None:
    with acme.pebble(free_port()) as ca:
        settings = Settings(
            data=tmp_path, domains=acme.NAME, acme_directory=ca.directory, allow_private_addresses=True
        )
        with pytest.raises(ordering.Refused, match="localhost cannot be reached") as caught:
            obtain(settings)
    assert caught.value.outcome.failure is Failure.AWAY


def test_an_authority_in_a_private_network_must_be_allowed(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, domains=acme.NAME, acme_directory="https://127.0.0.1:9/dir")
    with pytest.raises(ordering.Refused, match="Set allow_private_addresses"):
        obtain(settings)
