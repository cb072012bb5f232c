"""The body of a push, which the browser alone can read: RFC 8291 (keys) over RFC 8188 (aes128gcm), one record."""

import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vedette.notify.channels.webpush.subscription import Subscription

RECORD = 4_096  # a push service takes at least this (RFC 8030, 7.2)
MOST = RECORD - 86 - 16 - 1  # without header, tag and the mark of the last record
_LAST = b"\x02"


def encrypted(plain: bytes, to: Subscription) -> bytes:
    """Return the body: header (salt, record size, our key), then one record; at most `MOST` bytes are taken."""
    return sealed(plain, to, ec.generate_private_key(ec.SECP256R1()), os.urandom(16))


def sealed(plain: bytes, to: Subscription, ours: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """Return the body for a key and a salt, each to be used once."""
    if len(plain) > MOST:
        raise ValueError(f"a push holds {MOST} bytes")
    theirs, own = encoded(to.point()), encoded(ours.public_key())
    shared = ours.exchange(ec.ECDH(), to.point())
    material = _derived(shared, to.secret(), b"WebPush: info\0" + theirs + own, 32)
    key = _derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD.to_bytes(4, "big") + bytes([len(own)]) + own
    return header + AESGCM(key).encrypt(nonce, plain + _LAST, None)


def encoded(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a public key as an uncompressed point of 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length=length, salt=salt, info=info).derive(secret)
