"""Reads tokens that other servers signed: JWS compact serialisation (RFC 7515) with RS256 or ES256 (RFC 7518).

Nothing else is accepted: no `none`, no shared secrets, no critical extensions, no RSA key below 2,048 bits.
"""

import base64
import binascii

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from vedette.core.errors import Invalid

LONGEST = 32_768
_LEAST_BITS = 2_048


class Key(msgspec.Struct, frozen=True):
    """A public key as JSON (RFC 7517); numbers are base64url."""

    kty: str
    kid: str = ""
    use: str = "sig"
    n: str = ""
    e: str = ""
    crv: str = ""
    x: str = ""
    y: str = ""


class KeySet(msgspec.Struct, frozen=True):
    """The keys a server publishes."""

    keys: tuple[Key, ...] = ()


class _Header(msgspec.Struct, frozen=True):
    alg: str
    kid: str = ""
    crit: msgspec.Raw | None = None


def verified(token: str, keys: KeySet) -> bytes:
    """Return the content of a token that one of the keys signed; raises `Invalid` for every other."""
    head, _, rest = token.partition(".")
    body, _, signature = rest.partition(".")
    if len(token) > LONGEST or not signature:
        raise Invalid("the token is not a signed one")
    try:
        header = msgspec.json.decode(_bytes(head), type=_Header)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Invalid("the token's header cannot be read") from error
    if header.crit is not None:
        raise Invalid("the token asks for extensions that are not known here")
    fitting = [k for k in keys.keys if k.use == "sig" and (not header.kid or k.kid == header.kid)]
    signed = f"{head}.{body}".encode()
    if not any(_signed_by(key, header.alg, signed, _bytes(signature)) for key in fitting):
        raise Invalid("no key of the provider signed the token")
    return _bytes(body)


def _signed_by(key: Key, alg: str, signed: bytes, signature: bytes) -> bool:
    try:
        if (alg, key.kty) == ("RS256", "RSA"):
            _rsa(key).verify(signature, signed, padding.PKCS1v15(), SHA256())
        elif (alg, key.kty, key.crv, len(signature)) == ("ES256", "EC", "P-256", 64):
            pair = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
            _ec(key).verify(pair, signed, ec.ECDSA(SHA256()))
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def _rsa(key: Key) -> rsa.RSAPublicKey:
    made = rsa.RSAPublicNumbers(int.from_bytes(_bytes(key.e)), int.from_bytes(_bytes(key.n))).public_key()
    if made.key_size < _LEAST_BITS:
        raise ValueError("the key is too short")
    return made


def _ec(key: Key) -> ec.EllipticCurvePublicKey:
    x, y = int.from_bytes(_bytes(key.x)), int.from_bytes(_bytes(key.y))
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("a part of the token is not base64url") from error
