"""Seal by AES-256-GCM under a key derived from the key file."""

import base64
import binascii
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vedette.core.errors import Invalid

_VERSION = "v1."
_NONCE = 12


class AesGcmSeal:
    """Implements `plumbing.seal.port.Seal`.

    Sealed text is `v1.` and base64url of a random 96-bit nonce, the ciphertext and its 128-bit tag
    (NIST SP 800-38D). The purpose is authenticated, not stored. The key is HKDF-SHA-256 (RFC 5869) of
    the key file's bytes.
    """

    def __init__(self, key: bytes) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=b"vedette seal v1").derive(key)
        self._cipher = AESGCM(derived)
        self._marks = HKDF(SHA256(), length=32, salt=None, info=b"vedette mark v1").derive(key)

    def seal(self, secret: str, purpose: str) -> str:
        """Return the sealed text."""
        nonce = os.urandom(_NONCE)
        sealed = self._cipher.encrypt(nonce, secret.encode(), purpose.encode())
        return _VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, purpose: str) -> str:
        """Return the secret; raises `Invalid` when the text was altered or is another purpose's."""
        try:
            if not sealed.startswith(_VERSION):
                raise ValueError("unknown version")
            raw = base64.b64decode(sealed[len(_VERSION) :], altchars=b"-_", validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], purpose.encode()).decode()
        except (ValueError, binascii.Error, InvalidTag) as error:
            raise Invalid(
                f"A sealed secret ({purpose}) cannot be opened with this key file; enter the secret again."
            ) from error

    def mark(self, text: str, purpose: str) -> str:
        """Return the HMAC-SHA-256 (RFC 2104) of purpose and text under a key of its own, as hex."""
        return hmac.new(self._marks, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
