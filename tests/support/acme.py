"""An authority of the tests' own: Debian's Pebble with its name server, on loopback, and what looks at certificates."""

import contextlib
import json
import os
import socket
import ssl
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from tests.support import pki
from tests.support.daemons import program, running
from tests.support.ports import free_port

NAME = "watch.vedette.test"


@dataclass(frozen=True)
class Authority:
    """A running Pebble: `directory` is where ACME begins, `bundle` vouches for it, `root` for what it gives."""

    directory: str
    bundle: Path
    root: str
    http_port: int

    def env(self, port: int, *names: str) -> dict[str, str]:
        """Return the settings of a server that asks it."""
        return {
            "VEDETTE_HOST": "127.0.0.1",
            "VEDETTE_PORT": str(port),
            "VEDETTE_DOMAINS": ",".join(names or (NAME,)),
            "VEDETTE_HTTP_PORT": str(self.http_port),
            "VEDETTE_ACME_DIRECTORY": self.directory,
            "VEDETTE_ACME_CA_BUNDLE": str(self.bundle),
        }

    def trusting(self) -> ssl.SSLContext:
        """Return what a browser that trusts it checks by."""
        return ssl.create_default_context(cadata=self.root)


@contextlib.contextmanager
def pebble(
    http_port: int,
    *,
    seconds: int = 86_400 * 90,
    port: int = 0,
    env: Mapping[str, str] | None = None,
) -> Iterator[Authority]:
    """Run Pebble (at `port`): it looks for proofs at `http_port`, and what it gives is valid for `seconds`."""
    with tempfile.TemporaryDirectory(prefix="vedette-acme-", dir="/tmp") as text:
        folder = Path(text)
        port = port or free_port()
        manager, names, names_manager = (free_port() for _ in range(3))
        own = pki.make("localhost", pki.root(), names=("localhost", "127.0.0.1"))
        (folder / "own.pem").write_text(own.chain_pem)
        (folder / "own.key").write_text(own.key_pem)
        (folder / "bundle.pem").write_text(pki.root().pem)
        conf = {
            "listenAddress": f"127.0.0.1:{port}", "managementListenAddress": f"127.0.0.1:{manager}",
            "certificate": str(folder / "own.pem"), "privateKey": str(folder / "own.key"),
            "httpPort": http_port, "tlsPort": 0, "certificateValidityPeriod": seconds,
        }  # fmt: skip
        (folder / "pebble.json").write_text(json.dumps({"pebble": conf}))
        none = [part for kind in ("http01", "https01", "tlsalpn01") for part in (f"-{kind}", "")]
        dns = [
            program("pebble-challtestsrv"), *none, "-defaultIPv6", "",
            "-dns01", f"127.0.0.1:{names}", "-management", f"127.0.0.1:{names_manager}",
        ]  # fmt: skip
        ca = [
            program("pebble"),
            "-config",
            str(folder / "pebble.json"),
            "-dnsserver",
            f"127.0.0.1:{names}",
        ]
        quick = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_AUTHZREUSE": "0", **(env or {})}
        with running(dns, folder, [names]), running(ca, folder, [port, manager], environment=quick):
            root = _got(f"https://127.0.0.1:{manager}/roots/0")
            yield Authority(f"https://localhost:{port}/dir", folder / "bundle.pem", root, http_port)


def _got(url: str) -> str:
    trusting = ssl.create_default_context(cadata=pki.root().pem)
    with urllib.request.urlopen(url, timeout=5, context=trusting) as answer:  # noqa: S310 - our own server
        return str(answer.read().decode())


def shown(port: int, name: str = NAME) -> x509.Certificate:
    """Return the certificate that is shown for a name, trusted or not."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), 10) as plain,
        context.wrap_socket(plain, server_hostname=name) as tls,
    ):
        found = tls.getpeercert(binary_form=True)
    assert found
    return x509.load_der_x509_certificate(found)
