"""From the PEM texts of a chain to what is judged of it. `cryptography` is loaded when the first one is read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from cryptography import x509

_MOST, _LONGEST = 20, 300


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate as far as it is judged. `kind` is its key's (`RSA`, `EC`, `EdDSA`), `digest` what it is signed with (`sha256`).

    `purposes` are the extended key usages by name, empty when there is no such extension. `starts` and `ends` are instants.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    starts: float
    ends: float
    kind: str
    bits: int
    digest: str
    authority: bool = False
    purposes: tuple[str, ...] = ()
    server: bool = True

    @property
    def days(self) -> float:
        """Return for how many days it is valid."""
        return (self.ends - self.starts) / 86_400

    @property
    def own(self) -> bool:
        """Tell whether it names itself as its signer."""
        return self.subject == self.issuer


def leaves(chain: Sequence[str]) -> tuple[Leaf, ...]:
    """Return the certificates of a chain in the order in which they were sent; raises ValueError for one that is none."""
    from cryptography import x509

    try:
        return tuple(_leaf(x509.load_pem_x509_certificate(pem.encode())) for pem in chain[:_MOST])
    except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise ValueError(str(error)) from error


def _leaf(read: "x509.Certificate") -> Leaf:
    kind, bits = _key(read)
    digest = read.signature_hash_algorithm
    purposes = _purposes(read)
    return Leaf(
        subject=_plain(read.subject.rfc4514_string()), issuer=_plain(read.issuer.rfc4514_string()), names=_names(read),
        starts=read.not_valid_before_utc.timestamp(), ends=read.not_valid_after_utc.timestamp(),
        kind=kind, bits=bits, digest=digest.name if digest else "", authority=_is_authority(read), purposes=purposes,
        server=not purposes or bool({"serverAuth", "anyExtendedKeyUsage"} & set(purposes)),
    )  # fmt: skip


def _key(read: "x509.Certificate") -> tuple[str, int]:
    """Return kind and bits of a key; 0 bits for a kind that is not judged by them."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

    try:
        key = read.public_key()
    except UnsupportedAlgorithm:
        return "unknown", 0
    if isinstance(key, rsa.RSAPublicKey):
        return "RSA", key.key_size
    if isinstance(key, ec.EllipticCurvePublicKey):
        return "EC", key.key_size
    return ("DSA", key.key_size) if isinstance(key, dsa.DSAPublicKey) else ("EdDSA", 256)


def _plain(text: str) -> str:
    """Return a text that whoever made the certificate chose, fit to be printed."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:_LONGEST])


def _names(read: "x509.Certificate") -> tuple[str, ...]:
    from cryptography import x509

    try:
        found = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    dns = found.get_values_for_type(x509.DNSName)
    addresses = (str(one) for one in found.get_values_for_type(x509.IPAddress))
    return tuple(_plain(name) for name in (*dns, *addresses))


def _purposes(read: "x509.Certificate") -> tuple[str, ...]:
    from cryptography import x509

    try:
        found = read.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(one._name for one in found)  # noqa: SLF001 - its name has no other word


def _is_authority(read: "x509.Certificate") -> bool:
    from cryptography import x509

    try:
        return bool(read.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def names_fit(names: Sequence[str], host: str) -> bool:
    """Tell whether one of a certificate's names is the host's; a star stands for the first label alone (RFC 9525, section 6.3)."""
    low = host.lower().rstrip(".")
    parent = low.partition(".")[2]
    return any(
        name.lower() == low or (name.startswith("*.") and parent and name[2:].lower() == parent)
        for name in names
    )
