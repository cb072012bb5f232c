"""Who pushes: one key pair of this installation, made once, sealed, and shown to push services (VAPID, RFC 8292)."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from vedette.core.errors import Conflict
from vedette.notify.channels.webpush.encryption import encoded
from vedette.notify.channels.webpush.subscription import base64url
from vedette.plumbing.ports import ports

_PLACE, _PURPOSE = "notify/vapid", "notify.vapid"
_LIFE = 12 * 3_600.0  # a day is the most that push services take


def public_key() -> str:
    """Return the public key as browsers ask for it (`applicationServerKey`); made at the first call."""
    return base64url(encoded(_key().public_key()))


def authorization(endpoint: str) -> str:
    """Return the header that says who pushes to this endpoint; raises `Invalid` when the key cannot be opened."""
    parts, key = urlsplit(endpoint), _key()
    claims: dict[str, str | int] = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(ports().clock.now() + _LIFE),
        "sub": ports().settings.public_url,
    }
    signed = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={signed}.{signature}, k={base64url(encoded(key.public_key()))}"


def _key() -> ec.EllipticCurvePrivateKey:
    entry = ports().kv.get(_PLACE)
    if entry is None or entry.value is None:
        _make()
        entry = ports().kv.get(_PLACE)
    number = ports().seal.open(((entry and entry.value) or b"").decode(), _PURPOSE)
    return ec.derive_private_key(int(number, 16), ec.SECP256R1())


def _make() -> None:
    """Keep a new key, unless another process kept one first."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    try:
        ports().kv.put(_PLACE, ports().seal.seal(f"{number:064x}", _PURPOSE).encode(), expect=0)
    except Conflict:
        return


def _part(claims: Mapping[str, str | int]) -> str:
    return base64url(msgspec.json.encode(claims))
