"""Servers whose TLS is looked at: two that are right, and each of the others wrong in one way, with what must be found.

Debian's OpenSSL 3 has neither SSL 2 and 3 nor RC4, 3DES, export suites and compression, and none of the known holes: those are
proven on answers that are made up (tests/unit/instruments/test_tls_judged.py).
"""

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support import tls_certificates as certificates
from tests.support.nginx import PROGRAM
from tests.support.ports import free_port
from tests.support.tls_certificates import CLIENT_ONLY, Made, leaf, rsa_key

_GOOD = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
_NEW = "TLSv1.2 TLSv1.3"
_HSTS = "max-age=63072000; includeSubDomains"


@dataclass(frozen=True)
class Case:
    """How a server is set up, and the checks that must say something, no more and no less."""

    finds: frozenset[str]
    made: Callable[[], Made] = leaf
    protocols: str = _NEW
    ciphers: str = _GOOD
    header: str = _HSTS
    more: str = ""


def _case(*finds: str, made: Callable[[], Made] = leaf, protocols: str = _NEW, ciphers: str = _GOOD, header: str = _HSTS, more: str = "") -> Case:  # fmt: skip
    return Case(frozenset(finds), made, protocols, ciphers, header, more)


_OLD = _GOOD + ":ECDHE-ECDSA-AES128-SHA"
CASES: dict[str, Case] = {
    "right, EC": _case(),
    "right, RSA": _case(made=lambda: leaf(key=rsa_key())),
    # A suite that TLS 1.0 knows is in CBC mode, and is then taken in TLS 1.2, too.
    "TLS 1.0": _case("tls-protocol-old", "tls-cipher-cbc", protocols="TLSv1 TLSv1.2 TLSv1.3", ciphers=_OLD),
    "TLS 1.1": _case("tls-protocol-old", "tls-cipher-cbc", protocols="TLSv1.1 TLSv1.2 TLSv1.3", ciphers=_OLD),
    "no TLS 1.3": _case("tls-protocol-no-1.3", protocols="TLSv1.2"),
    "CBC": _case("tls-cipher-cbc", ciphers=_GOOD + ":ECDHE-ECDSA-AES256-SHA384"),
    "no forward secrecy": _case("tls-cipher-no-forward-secrecy", made=lambda: leaf(key=rsa_key()), ciphers=_GOOD + ":AES128-GCM-SHA256"),
    "NULL": _case("tls-cipher-null", ciphers=_GOOD + ":ECDHE-ECDSA-NULL-SHA"),
    "anonymous": _case("tls-cipher-anonymous", ciphers=_GOOD + ":AECDH-AES128-SHA"),
    "small group": _case("tls-dh-small", made=lambda: leaf(key=rsa_key()), ciphers=_GOOD + ":DHE-RSA-AES128-GCM-SHA256", more="ssl_dhparam {folder}/dh1024.pem;"),
    # In TLS 1.3 no client may offer such a curve, so there is only TLS 1.2 here.
    "weak curve": _case("tls-curve-weak", "tls-protocol-no-1.3", made=lambda: leaf(key=rsa_key()), protocols="TLSv1.2", more="ssl_ecdh_curve prime192v1:prime256v1;"),
    "early data": _case("tls-early-data", more="ssl_early_data on;"),
    "no HSTS": _case("tls-hsts", header=""),
    "short HSTS": _case("tls-hsts-short", header="max-age=3600"),
    "expired": _case("tls-certificate-expired", made=lambda: leaf(days=(-100, -10))),
    "early": _case("tls-certificate-early", made=lambda: leaf(days=(10, 100))),
    "five days left": _case("tls-certificate-soon", made=lambda: leaf(days=(-85, 5))),
    "twelve days left": _case("tls-certificate-soon", made=lambda: leaf(days=(-78, 12))),
    "other name": _case("tls-certificate-name", made=lambda: leaf(names=("other.test",))),
    "star of another depth": _case("tls-certificate-name", made=lambda: leaf(names=("*.shop.test",))),
    "self-signed": _case("tls-certificate-self-signed", made=certificates.self_signed),
    "unknown root": _case("tls-certificate-untrusted", made=certificates.stranger),
    "incomplete": _case("tls-chain-incomplete", made=lambda: leaf(sent=())),
    "unordered": _case("tls-chain-order", made=certificates.unordered),
    "SHA-1": _case("tls-certificate-digest", made=certificates.of_sha1),
    "RSA 1024": _case("tls-certificate-key", made=lambda: leaf(key=rsa_key(1024))),
    "900 days": _case("tls-certificate-long", made=lambda: leaf(days=(-30, 870))),
    "authority": _case("tls-certificate-authority", made=lambda: leaf(ca=True)),
    "for clients": _case("tls-certificate-purpose", made=lambda: leaf(purposes=CLIENT_ONLY)),
    "must staple": _case("tls-must-staple", made=lambda: leaf(staple=True)),
    "certificates of clients": _case(more="ssl_verify_client on; ssl_client_certificate {folder}/root.pem;"),
    "a second one, expired": _case("tls-certificate-expired", more="ssl_certificate {folder}/second.pem; ssl_certificate_key {folder}/second.pem;"),
    "revoked": _case("tls-certificate-revoked", more="ssl_stapling on; ssl_stapling_file {folder}/{number}.ocsp;"),
}  # fmt: skip
# In every run of the tests; the whole table is a deep proof.
SAMPLE = ("right, EC",)

_SERVER = """
    server {{
        listen 127.0.0.1:{port} ssl; server_name shop.test;
        ssl_certificate {folder}/{number}.pem; ssl_certificate_key {folder}/{number}.pem;
        ssl_protocols {protocols}; ssl_ciphers {ciphers}:@SECLEVEL=0;
        {header} {more}
        location / {{ return 200 "ready"; }}
    }}
"""
_CONF = """\
user root; daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off; ssl_session_tickets on;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
    {servers}
}}
"""
_OPENSSL = """\
openssl_conf = top
[top]
ssl_conf = ssl
[ssl]
system_default = all
[all]
MinProtocol = TLSv1
CipherString = DEFAULT:@SECLEVEL=0
"""


class Servers:
    """One nginx with all servers of some cases, each at a port of its own; `root` is the authority to trust."""

    def __init__(self, folder: Path, names: tuple[str, ...] = tuple(CASES)) -> None:
        self.root = folder / "root.pem"
        self.root.write_text(certificates.root().pem)
        self.ports = {name: free_port() for name in names}
        (folder / "openssl.cnf").write_text(_OPENSSL)
        if "small group" in names:
            command = ["openssl", "dhparam", "-dsaparam", "-out", str(folder / "dh1024.pem"), "1024"]
            subprocess.run(command, check=True, capture_output=True)
        (folder / "second.pem").write_text(leaf(key=rsa_key(), days=(-100, -10)).file)
        servers = "".join(self._server(folder, number, name) for number, name in enumerate(names))
        conf = folder / "nginx.conf"
        conf.write_text(_CONF.format(folder=folder, servers=servers))
        self._process = subprocess.Popen(
            [PROGRAM, "-p", str(folder), "-c", str(conf), "-e", str(folder / "error.log")],
            env={**os.environ, "OPENSSL_CONF": str(folder / "openssl.cnf")},
        )
        self._wait(folder)

    def _server(self, folder: Path, number: int, name: str) -> str:
        case, made = CASES[name], CASES[name].made()
        (folder / f"{number}.pem").write_text(made.file)
        (folder / f"{number}.ocsp").write_bytes(certificates.revoked(made))
        return _SERVER.format(
            port=self.ports[name], folder=folder, number=number, protocols=case.protocols, ciphers=case.ciphers,
            header=f'add_header Strict-Transport-Security "{case.header}";' if case.header else "",
            more=case.more.format(folder=folder, number=number),
        )  # fmt: skip

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _wait(self, folder: Path) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if (folder / "nginx.pid").exists() and (folder / "nginx.pid").read_text().strip():
                return
            assert self._process.poll() is None, (folder / "error.log").read_text()
            time.sleep(0.02)
        raise AssertionError("nginx did not start")
