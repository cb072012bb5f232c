"""Proving a password without sending it: SCRAM-SHA-256 as a client (RFC 5802, RFC 7677). Decisions only; chance is passed in."""

import base64
import binascii
import hashlib
import hmac
import unicodedata

_MOST_ROUNDS = 200_000  # more than any server asks for by itself, and a fraction of a second
_NO_BINDING = "n,,"


class Scram:
    """One exchange: `first`, then `final` with what the server said, then `verify`. Raises `ValueError` for what breaks the rules."""

    def __init__(self, password: str, nonce: str, user: str = "") -> None:
        self._password = _prepared(password)
        self._nonce = nonce
        name = user.replace("=", "=3D").replace(",", "=2C")
        self._bare = f"n={name},r={nonce}"
        self._signature = b""

    def first(self) -> bytes:
        """Return the first message."""
        return f"{_NO_BINDING}{self._bare}".encode()

    def final(self, said: bytes) -> bytes:
        """Return the message with the proof, for the server's salt and rounds."""
        text = said.decode("ascii")
        parts = _parts(text)
        nonce, salt, rounds = parts["r"], base64.b64decode(parts["s"], validate=True), int(parts["i"])
        if not nonce.startswith(self._nonce) or len(nonce) == len(self._nonce):
            raise ValueError("its nonce is not built on ours")
        if not 1 <= rounds <= _MOST_ROUNDS:
            raise ValueError(f"it asks for {rounds} rounds")
        salted = hashlib.pbkdf2_hmac("sha256", self._password, salt, rounds)
        bare = f"c={base64.b64encode(_NO_BINDING.encode()).decode()},r={nonce}"
        spoken = f"{self._bare},{text},{bare}".encode()
        self._signature = _mac(_mac(salted, b"Server Key"), spoken)
        return f"{bare},p={base64.b64encode(_proof(salted, spoken)).decode()}".encode()

    def verify(self, said: bytes) -> None:
        """Take the server's own proof that it knows the password too."""
        found = _parts(said.decode("ascii")).get("v", "")
        if not hmac.compare_digest(base64.b64decode(found, validate=True), self._signature):
            raise ValueError("it does not prove that it knows the password")


def _parts(text: str) -> dict[str, str]:
    found = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
    if "v" not in found and not {"r", "s", "i"} <= set(found):
        raise ValueError("it leaves out nonce, salt or rounds")
    return found


def _proof(salted: bytes, spoken: bytes) -> bytes:
    key = _mac(salted, b"Client Key")
    signature = _mac(hashlib.sha256(key).digest(), spoken)
    return bytes(a ^ b for a, b in zip(key, signature, strict=True))


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _prepared(password: str) -> bytes:
    """Return a password as SASLprep leaves it (RFC 4013), but for the characters that it forbids."""
    return unicodedata.normalize("NFKC", password).encode()


BROKEN = (ValueError, KeyError, binascii.Error, UnicodeDecodeError)
