"""Keys, requests and certificates in their own formats: X.509 (RFC 5280) and PKCS #10 (RFC 2986), by `cryptography`."""

import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from vedette.certificates.types import Certificate, Wanted
from vedette.core.clock import to_datetime

STAND_IN = dt.timedelta(days=90)
_HOUR = dt.timedelta(hours=1)  # clocks of browsers may be behind
_NAME_LENGTH = 64  # of a common name, X.520


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a fresh private key (P-256)."""
    return ec.generate_private_key(ec.SECP256R1())


def key_text(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a private key as PEM (PKCS #8)."""
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain).decode()


def request(key: ec.EllipticCurvePrivateKey, names: tuple[str, ...]) -> bytes:
    """Return a signing request for these names as PEM."""
    made = x509.CertificateSigningRequestBuilder(x509.Name([])).add_extension(_names(names), critical=False)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def stand_in(key: ec.EllipticCurvePrivateKey, names: tuple[str, ...], now: float) -> str:
    """Return a certificate for these names that is signed by its own key, as PEM."""
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0][:_NAME_LENGTH])])
    start = to_datetime(now)
    made = (
        x509.CertificateBuilder(own, own, key.public_key(), x509.random_serial_number())
        .not_valid_before(start - _HOUR)
        .not_valid_after(start + STAND_IN)
        .add_extension(_names(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def read(chain: str, wanted: Wanted, now: float, *, self_signed: bool = False) -> Certificate:
    """Return what the first certificate of a chain (PEM) says. Raises `ValueError` when it is none, or for other names."""
    found = x509.load_pem_x509_certificates(chain.encode())[0]
    held = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    names = tuple(held.get_values_for_type(x509.DNSName))
    if set(names) != set(wanted.names):
        raise ValueError(f"the certificate is for {', '.join(names) or 'no name'}")
    return Certificate(
        names=wanted.names, directory=wanted.directory, issuer=_called(found.issuer), serial=f"{found.serial_number:x}",
        start=found.not_valid_before_utc.timestamp(), end=found.not_valid_after_utc.timestamp(), installed_at=now,
        self_signed=self_signed,
    )  # fmt: skip


def _names(names: tuple[str, ...]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(name) for name in names])


def _called(name: x509.Name) -> str:
    """Return how a person calls an authority: by organisation and common name."""
    parts = [
        str(each.value)
        for oid in (x509.NameOID.ORGANIZATION_NAME, x509.NameOID.COMMON_NAME)
        for each in name.get_attributes_for_oid(oid)
    ]
    return " ".join(parts)
