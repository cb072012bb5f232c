"""Sealing and opening under several keys: the first seals, all open.

Sealed text is `vg1.`, the key's id, `.`, and base64url of a random 96-bit nonce, the ciphertext and its 128-bit tag (NIST
SP 800-38D). What is authenticated beside it: the version, the key's id and the context, each with its length before it,
so that no two contexts read alike. One key seals 2^32 texts at most; add a new one long before.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from typing import Any

from vedette_guard.extras import need

KEY_BYTES = 32
_VERSION = "vg1"
_NONCE, _TAG = 12, 16


class SealError(ValueError):
    """Text that cannot be opened, or keys that cannot be used. Never says what is inside."""


class Keyring:
    """Keys of 32 bytes by their ids, the one that seals first. Raise SealError for keys that are none."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        for name, key in keys.items():
            if len(key) != KEY_BYTES or not name or "." in name:
                raise SealError(f"key {name!r}: a key is 32 bytes, its id has no dot")
        if not keys:
            raise SealError("a key ring has at least one key")
        cipher: Any = need("cryptography.hazmat.primitives.ciphers.aead", "sealed").AESGCM
        self._invalid: type[Exception] = need("cryptography.exceptions", "sealed").InvalidTag
        self._ciphers = {name: cipher(key) for name, key in keys.items()}
        self.first = next(iter(keys))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Keyring:
        """Return the key ring of a file. Raise SealError unless it is of mode 0600 and right; OSError when it is not there."""
        from vedette_guard.sealed.keyfile import read_keys

        return cls(read_keys(path))

    def seal(self, text: str, *context: str) -> str:
        """Return the sealed text, to be opened in the same context only: a table, a field, a row."""
        nonce = os.urandom(_NONCE)
        sealed = self._ciphers[self.first].encrypt(
            nonce, text.encode("utf-8", "surrogatepass"), _beside(self.first, context)
        )
        return f"{_VERSION}.{self.first}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *context: str) -> str:
        """Return what was sealed. Raise SealError when it was altered, is another context's, or its key is not there."""
        name, raw = _parts(sealed)
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise SealError(
                f"sealed text ({'/'.join(context)}) needs the key {name}, which is not in the key ring"
            )
        try:
            opened: bytes = cipher.decrypt(raw[:_NONCE], raw[_NONCE:], _beside(name, context))
        except self._invalid as error:
            raise SealError(f"sealed text ({'/'.join(context)}) was altered, or belongs elsewhere") from error
        return opened.decode("utf-8", "surrogatepass")

    def reseal(self, sealed: str, *context: str) -> str | None:
        """Return the text sealed under the first key; None when it is already. Raise SealError as `open`."""
        text = self.open(sealed, *context)
        return None if _parts(sealed)[0] == self.first else self.seal(text, *context)


def is_sealed(text: str) -> bool:
    """Tell whether a text has the shape of a sealed one; whether it can be opened, `open` tells."""
    try:
        _parts(text)
    except SealError:
        return False
    return True


def _parts(sealed: str) -> tuple[str, bytes]:
    version, _, rest = sealed.partition(".")
    name, _, text = rest.partition(".")
    if version != _VERSION or not name:
        raise SealError("this is no sealed text")
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise SealError("this is no sealed text") from error
    if len(raw) < _NONCE + _TAG or base64.urlsafe_b64encode(raw).decode() != text:
        raise SealError("this is no sealed text")
    return name, raw


def _beside(name: str, context: tuple[str, ...]) -> bytes:
    parts = [part.encode("utf-8", "surrogatepass") for part in (_VERSION, name, *context)]
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
