"""What certificates say. `cryptography` is loaded when the first one is read."""

import functools
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vedette.instruments.probe.types import Certificate

if TYPE_CHECKING:
    from cryptography import x509

_MOST_NAMES = 100


def read_chain(ders: Sequence[bytes]) -> tuple[Certificate, ...]:
    """Return what the certificates of a chain (DER) say, in the order in which the server sent them; unreadable ones are left out."""
    found = [_read(der) for der in ders[:20]]
    return tuple(certificate for certificate in found if certificate is not None)


@functools.lru_cache(maxsize=1024)
def _read(der: bytes) -> Certificate | None:
    from cryptography import x509

    try:
        read = x509.load_der_x509_certificate(der)
        return Certificate(
            subject=read.subject.rfc4514_string(),
            issuer=read.issuer.rfc4514_string(),
            names=_names(read),
            starts=read.not_valid_before_utc.timestamp(),
            ends=read.not_valid_after_utc.timestamp(),
            fingerprint=hashlib.sha256(der).hexdigest(),
        )
    except (ValueError, x509.UnsupportedGeneralNameType, x509.DuplicateExtension):
        return None


def _names(read: "x509.Certificate") -> tuple[str, ...]:
    from cryptography import x509

    try:
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    dns = names.get_values_for_type(x509.DNSName)
    addresses = [str(found) for found in names.get_values_for_type(x509.IPAddress)]
    return tuple([*dns, *addresses][:_MOST_NAMES])
