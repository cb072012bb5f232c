"""Certificates for servers whose TLS is looked at: one that is right in every way, and each way to be wrong."""

import datetime as dt
import ssl
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST = "shop.test"
NOW = dt.datetime.now(dt.UTC)
_SERVER, _CLIENT = (ExtendedKeyUsageOID.SERVER_AUTH,), (ExtendedKeyUsageOID.CLIENT_AUTH,)
_ISSUES = x509.KeyUsage(
    digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
    data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
)  # fmt: skip


@dataclass
class Made:
    """A certificate with its key; `sent` are those that a server sends, its own first."""

    certificate: x509.Certificate
    key: Any
    sent: list["Made"] = field(default_factory=list)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def file(self) -> str:
        form, no = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        key = self.key.private_bytes(serialization.Encoding.PEM, form, no).decode()
        return "".join(each.pem for each in self.sent or [self]) + key


def issue(
    subject: str, by: Made | None = None, *, names: Sequence[str] = (), ca: bool = False, key: Any = None,
    days: tuple[float, float] = (-30, 60), digest: hashes.HashAlgorithm | None = None, purposes: Sequence[Any] = _SERVER,
    staple: bool = False,
) -> Made:  # fmt: skip
    """Issue a certificate that is valid from and to these days from now; signed by itself without `by`."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    signer = key if by is None else by.key
    made = (
        x509.CertificateBuilder(name if by is None else by.certificate.subject, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + dt.timedelta(days=days[0]))
        .not_valid_after(NOW + dt.timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if ca and not names:
        made = made.add_extension(_ISSUES, critical=True)
    if names:
        made = made.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False
        )
        made = made.add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=False)
    if staple:
        made = made.add_extension(x509.TLSFeature([x509.TLSFeatureType.status_request]), critical=False)
    return Made(made.sign(signer, digest or hashes.SHA256()), key)


@cache
def root() -> Made:
    return issue("Test Root", ca=True, days=(-400, 4000))


@cache
def middle() -> Made:
    return issue("Test Intermediate", root(), ca=True, days=(-300, 1000))


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def leaf(
    *, sent: Sequence[Made] | None = None, by: Made | None = None, names: Sequence[str] = (HOST,), **how: Any
) -> Made:
    """Return a server's certificate, with the one that signed it sent after it unless told otherwise."""
    signer = by or middle()
    made = issue(names[0], signer, names=names, **how)
    made.sent = [made, *([signer] if sent is None else sent)]
    return made


def self_signed() -> Made:
    return issue(HOST, names=(HOST,))


def stranger() -> Made:
    """Return a certificate below a root that nobody trusts, which is sent along."""
    other = issue("Unknown Root", ca=True, days=(-400, 4000))
    return leaf(by=other)


def unordered() -> Made:
    """Return a chain with another intermediate between the certificate and the one that signed it."""
    between = issue("Other Intermediate", root(), ca=True, days=(-300, 1000))
    made = leaf()
    made.sent = [made, between, middle()]
    return made


def of_sha1() -> Made:
    """Return a certificate signed with SHA-1, by OpenSSL: `cryptography` makes none any more."""
    made = self_signed()
    made.sent = [made, middle()]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "leaf").write_text(made.pem)
        (folder / "above").write_text(middle().file)
        (folder / "says").write_text(
            f"subjectAltName=DNS:{HOST}\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n"
        )
        signing = [
            "-CA",
            "above",
            "-CAkey",
            "above",
            "-set_serial",
            "7",
            "-sha1",
            "-days",
            "60",
            "-out",
            "signed",
        ]
        subprocess.run(
            ["openssl", "x509", "-in", "leaf", *signing], cwd=folder, check=True, capture_output=True
        )
        made.certificate = x509.load_pem_x509_certificate((folder / "signed").read_bytes())
    return made


def revoked(made: Made) -> bytes:
    """Return what an authority says of a certificate that it took back, as a server staples it."""
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=made.certificate, issuer=middle().certificate, algorithm=hashes.SHA1(),  # noqa: S303 - as authorities do
        cert_status=ocsp.OCSPCertStatus.REVOKED, this_update=NOW - dt.timedelta(days=1), next_update=NOW + dt.timedelta(days=3),
        revocation_time=NOW - dt.timedelta(days=2), revocation_reason=None,
    ).responder_id(ocsp.OCSPResponderEncoding.HASH, middle().certificate)  # fmt: skip
    return builder.sign(middle().key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


CLIENT_ONLY = _CLIENT


def server_context(made: Made, folder: Path, options: int = 0) -> ssl.SSLContext:
    """Return the context of a server of Python that shows a certificate; `options` are OpenSSL's own."""
    path = folder / "context.pem"
    path.write_text(made.file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    context.set_ciphers("ECDHE+AESGCM")
    context.options |= options
    return context
