"""What tells without asking anybody that a secret opens little: it has expired, is for tests, or is out of a manual."""

import base64
import binascii
import re
from typing import NamedTuple

import msgspec

from vedette.instruments.scan.secrets.types import Leak
from vedette.instruments.scan.tree import aside

_TOKEN = 16 * 1024


class Hint(NamedTuple):
    """A sentence, and the most that such a secret can be worth (0 to 10)."""

    text: str
    most: float


class _Claims(msgspec.Struct):
    exp: float = 0.0


def hint(leak: Leak, now: float) -> Hint | None:
    """Return what lowers the risk of a secret the most, None where nothing does."""
    secret, rule = leak.hit.secret, leak.hit.rule.id
    said = [*_of_secret(secret, rule, now)]
    if 0 < leak.certified <= now:
        said.append(
            Hint("The certificate for this key has expired; the key may still open other things.", 4.0)
        )
    if aside(leak.path):
        said.append(Hint("It stands among tests or documents; make sure that it opens nothing.", 3.5))
    return min(said, key=lambda each: each.most, default=None)


def _of_secret(secret: bytes, rule: str, now: float) -> list[Hint]:
    said = []
    if secret.upper().endswith((b"EXAMPLE", b"EXAMPLEKEY")):
        said.append(Hint("It is the example of the provider's manual.", 0.0))
    if re.match(rb"(?:sk|rk)_test_|FLWSECK_TEST|duffel_test_|shippo_test_|test_", secret):
        said.append(Hint("It is a key of the provider's test mode.", 2.0))
    if b"ENCRYPTED" in secret[:200]:
        said.append(Hint("The key is itself under a passphrase.", 5.0))
    expires = _expiry(secret) if rule == "jwt" else 0.0
    if expires and expires <= now:
        said.append(Hint("The token has expired by its own date.", 1.0))
    return said


def _expiry(token: bytes) -> float:
    """Return when a JWT says it expires (RFC 7519, section 4.1.4), 0 where it does not."""
    payload = token[:_TOKEN].split(b".")[1] if token.count(b".") >= 2 else b""
    try:
        return msgspec.json.decode(
            base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)), type=_Claims
        ).exp
    except (binascii.Error, msgspec.DecodeError, ValueError):
        return 0.0
