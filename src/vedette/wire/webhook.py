"""How whoever gets a webhook knows that Vedette sent it, when, and whether it came before. Pure.

The signature is HMAC-SHA-256 (RFC 2104) over `<timestamp>.<body>`: who took one down cannot send it again tomorrow.
"""

import hashlib
import hmac


def headers(body: bytes, key: str, secret: str, now: float) -> dict[str, str]:
    """Return the headers of a try: `key` is the same however often it is tried; without a secret nothing is signed."""
    stamp = str(int(now))
    made = {"Content-Type": "application/json", "Idempotency-Key": key, "X-Vedette-Timestamp": stamp}
    if secret:
        made["X-Vedette-Signature"] = f"sha256={_signature(secret, stamp, body)}"
    return made


def _signature(secret: str, stamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
