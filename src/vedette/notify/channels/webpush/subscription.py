"""A browser's subscription, as `PushSubscription.toJSON()` gives it (W3C Push API, 8.1)."""

import base64
import binascii

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from vedette.core.errors import Invalid

_WRONG = "This is no subscription of a browser; press the button again."
_LONGEST = 4_000


class Keys(msgspec.Struct, frozen=True):
    """The browser's public key (a point of P-256, uncompressed) and its shared secret, in base64url."""

    p256dh: str
    auth: str


class Subscription(msgspec.Struct, frozen=True):
    """Where to push, and for whom to encrypt. Who has it can push, so it is a secret."""

    endpoint: str
    keys: Keys

    def point(self) -> ec.EllipticCurvePublicKey:
        """Return the browser's public key; raises `ValueError` when it is none."""
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpadded(self.keys.p256dh))

    def secret(self) -> bytes:
        """Return the shared secret of 16 bytes; raises `ValueError`."""
        found = unpadded(self.keys.auth)
        if len(found) != 16:
            raise ValueError("the shared secret has 16 bytes")
        return found


def read(text: str) -> Subscription:
    """Return a subscription; raises `Invalid` when a browser cannot have given it."""
    try:
        found = msgspec.json.decode(text[: _LONGEST + 1], type=Subscription)
        found.point(), found.secret()
    except (msgspec.MsgspecError, ValueError) as error:
        raise Invalid(_WRONG, {"subscription": _WRONG}) from error
    return found


def unpadded(text: str) -> bytes:
    """Return the bytes of base64url without padding (RFC 7515, 2); raises `ValueError`."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def base64url(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
