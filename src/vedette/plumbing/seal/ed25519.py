"""Ed25519 (RFC 8032): keys in files that their owner alone may read, and what they sign."""

import contextlib
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vedette.core.errors import ConfigError

SEED, PUBLIC, SIGNATURE = 32, 32, 64  # bytes
_FINGERPRINT = 32  # hex digits: 128 bits, which nobody finds a second key for


class SigningKey:
    """A private key; it prints as its fingerprint."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.fingerprint = fingerprint(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        """Return what may be shown."""
        return f"SigningKey({self.fingerprint})"


def fingerprint(public: bytes) -> str:
    """Return what names a public key: the first 32 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:_FINGERPRINT]


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature of a message is by the key; also False for what is no key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def write_key(path: Path) -> SigningKey:
    """Make a key in a file of mode 0600, in the place of the one before, and return it. Raises `ConfigError`."""
    seed, fresh = os.urandom(SEED), path.with_name(f"{path.name}.new")
    try:
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(seed)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: the key cannot be written: {error.strerror}.") from None
    return SigningKey(seed)


def read_key(path: Path) -> SigningKey | None:
    """Return the key of a file, None where there is no file; raises `ConfigError` for one that others can read."""
    try:
        mode, seed = path.stat().st_mode, path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: the key cannot be read: {error.strerror}.") from None
    if mode & 0o077:
        raise ConfigError(f"{path}: others can read this key; run `chmod 600 {path}`.")
    if len(seed) != SEED:
        raise ConfigError(f"{path}: holds {len(seed)} bytes instead of {SEED}; enrol this host anew.")
    return SigningKey(seed)
