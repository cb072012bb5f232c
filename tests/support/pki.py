"""Authorities and certificates of the tests' own: good ones, and each way to be bad."""

import datetime as dt
import ipaddress
import ssl
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
PAST = dt.datetime(2021, 6, 1, tzinfo=dt.UTC)
FUTURE = dt.datetime(2090, 1, 1, tzinfo=dt.UTC)
END = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


@dataclass
class Issued:
    """A certificate and its key; `above` are those a server sends after it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    above: list["Issued"] = field(default_factory=list)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        form = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()

    @property
    def chain_pem(self) -> str:
        return "".join(each.pem for each in [self, *self.above])


def make(
    subject: str, by: Issued | None = None, *, names: tuple[str, ...] = (), ca: bool = False,
    start: dt.datetime = LONG_AGO, end: dt.datetime = END, key: ec.EllipticCurvePrivateKey | None = None,
) -> Issued:  # fmt: skip
    """Issue a certificate, signed by itself without `by`."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    issuer = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
        if by is None
        else by.certificate.subject
    )
    signer = key if by is None else by.key
    builder = (
        x509.CertificateBuilder(
            issuer, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]), key.public_key()
        )
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_name(text) for text in names]), critical=False
        )
    return Issued(builder.sign(signer, hashes.SHA256()), key)


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


NAMES = ("localhost", "127.0.0.1", "::1", "shop.test")


@cache
def root() -> Issued:
    """Return the authority that is trusted."""
    return make("Test Root", ca=True)


def _with_above(made: Issued, *above: Issued) -> Issued:
    made.above = list(above)
    return made


def _unknown_root() -> Issued:
    other = make("Unknown Root", ca=True)
    return _with_above(make("shop.test", other, names=NAMES), other)


def _expired_intermediate() -> Issued:
    middle = make("Old Intermediate", root(), ca=True, end=PAST)
    return _with_above(make("shop.test", middle, names=NAMES), middle)


def _cross_signed() -> Issued:
    """Send a way above that has expired, while another one is trusted."""
    middle = make("Cross Intermediate", root(), ca=True)
    old = make("Old Root", ca=True, end=PAST)
    crossed = make("Test Root", old, ca=True, end=PAST, key=root().key)
    return _with_above(make("shop.test", middle, names=NAMES), middle, crossed)


_LEAVES: dict[str, Callable[[], Issued]] = {
    "good": lambda: make("shop.test", root(), names=NAMES),
    "expired": lambda: make("shop.test", root(), names=NAMES, end=PAST),
    "early": lambda: make("shop.test", root(), names=NAMES, start=FUTURE),
    "self-signed": lambda: make("shop.test", names=NAMES),
    "wrong-name": lambda: make("other.test", root(), names=("other.test", "www.other.test")),
    "soon": lambda: make(
        "shop.test", root(), names=NAMES, end=dt.datetime.now(dt.UTC) + dt.timedelta(days=5, minutes=5)
    ),
    "no-intermediate": lambda: make("shop.test", make("Test Intermediate", root(), ca=True), names=NAMES),
    "unknown-root": _unknown_root,
    "expired-intermediate": _expired_intermediate,
    "cross-signed": _cross_signed,
}


@cache
def leaf(kind: str) -> Issued:
    """Return a server's certificate with what it sends above it, by what is right or wrong with it."""
    return _LEAVES[kind]()


def server_context(folder: Path, kind: str) -> ssl.SSLContext:
    """Return the context of a server that shows a certificate; `tls1` speaks TLS 1.0 only, `mutual` wants one of the client."""
    issued = leaf({"tls1": "good", "mutual": "good"}.get(kind, kind))
    path = folder / f"{kind}.pem"
    path.write_text(issued.chain_pem + issued.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    if kind == "tls1":
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is why it is here
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
    if kind == "mutual":
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=root().pem)
    return context
