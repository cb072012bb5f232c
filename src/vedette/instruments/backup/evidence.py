"""Signatures on reports: who vouches for a run or a drill, and whether a report is as it was signed.

Ed25519 (RFC 8032) over the report's MessagePack without its signature, keys of maps in order, empty values left out, so
that a field which a later version adds changes no older signature.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

from vedette.core.errors import Invalid
from vedette.wire.backup import BackupRun, DrillRun, Signature

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Evidence = BackupRun | DrillRun
E = TypeVar("E", BackupRun, DrillRun)
SEED = 32


class Signer(Protocol):
    """A private key that signs (`plumbing.seal.ed25519.SigningKey`); `public` are the 32 bytes of its public one."""

    public: bytes

    def sign(self, message: bytes) -> bytes:
        """Return the signature."""
        ...


def text_of(public: bytes) -> str:
    """Return bytes of a key or signature as reports write them (base64)."""
    return base64.b64encode(public).decode()


def public_of(seed: bytes) -> str:
    """Return the public key (base64) of a private one (32 random bytes); raises `Invalid` for another length."""
    return text_of(_Seeded(seed).public)


def sign(report: E, key: Signer | bytes) -> E:
    """Return the report with its signature by a key, or by the key of these 32 bytes."""
    signer = _Seeded(key) if isinstance(key, bytes) else key
    signature = Signature(key=text_of(signer.public), text=text_of(signer.sign(canonical(report))))
    return msgspec.structs.replace(report, signature=signature)


def holds(report: Evidence, trusted: str) -> bool:
    """Tell whether a report is signed by a public key we trust, and is as it was signed."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    signature = report.signature
    if signature is None or not trusted or signature.key != trusted:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(trusted, validate=True))
        key.verify(base64.b64decode(signature.text, validate=True), canonical(report))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def canonical(report: Evidence) -> bytes:
    """Return what is signed of a report."""
    bare = msgspec.structs.replace(report, signature=None)
    # By way of the wire: an instant that is a whole number here is a float at whoever checks it.
    sent = msgspec.msgpack.decode(msgspec.msgpack.encode(bare), type=type(bare))
    return msgspec.msgpack.encode(_without_empty(msgspec.to_builtins(sent)), order="deterministic")


def _without_empty(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _without_empty(each) for key, each in value.items() if not _is_empty(each)}
    if isinstance(value, list | tuple):
        return [_without_empty(each) for each in value]
    return value


def _is_empty(value: object) -> bool:
    return value is None or value is False or (isinstance(value, str | list | tuple | Mapping) and not value)


class _Seeded:
    """A private key by its bytes."""

    def __init__(self, seed: bytes) -> None:
        self._key = _private(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the signature."""
        return self._key.sign(message)


def _private(seed: bytes) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if len(seed) != SEED:
        raise Invalid(f"A key that signs has {SEED} bytes, not {len(seed)}.")
    return Ed25519PrivateKey.from_private_bytes(seed)
