"""A passkey authenticator in software: what a browser would answer (WebAuthn Level 2: ES256, attestation none)."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, NEW = 0x01, 0x04, 0x40


def packed(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One passkey of one person; `origin` and `flags` can be bent to lie."""

    origin: str = "http://localhost:8700"
    flags: int = PRESENT | VERIFIED
    cross_origin: bool = False
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = b"a credential id of 32 bytes.....2"
    user: str = ""

    def make(self, options: str) -> str:
        """Answer creation options."""
        asked = json.loads(options)["publicKey"]
        self.user = asked["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._data(asked["rp"]["id"], self.flags | NEW) + attested
        statement = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": packed(self._client("webauthn.create", asked["challenge"])),
            "attestationObject": packed(statement),
        }
        return self._answer(response, {"credProps": {"rk": True}})

    def use(self, options: str) -> str:
        """Answer request options."""
        asked = json.loads(options)["publicKey"]
        data, client = self._data(asked["rpId"], self.flags), self._client("webauthn.get", asked["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": packed(client),
            "authenticatorData": packed(data),
            "signature": packed(signature),
            "userHandle": self.user,
        }
        return self._answer(response, {})

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {
            "type": kind,
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        }
        return json.dumps(told).encode()

    def _data(self, place: str, flags: int) -> bytes:
        return hashlib.sha256(place.encode()).digest() + bytes([flags]) + bytes(4)

    def _answer(self, response: dict[str, str], extensions: dict[str, Any]) -> str:
        key = packed(self.id)
        return json.dumps(
            {"id": key, "rawId": key, "type": "public-key", "response": response, "clientExtensionResults": extensions}
        )  # fmt: skip
