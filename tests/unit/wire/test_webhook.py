"""Webhooks are signed with their instant, in one way."""

import hashlib
import hmac

from vedette.wire.webhook import headers


def test_a_signed_one_tells_its_instant_and_its_key() -> None:
    made = headers(b'{"a":1}', "step-1", "s3cret", 1_764_000_000.9)
    signed = hmac.new(b"s3cret", b'1764000000.{"a":1}', hashlib.sha256).hexdigest()
    assert made == {
        "Content-Type": "application/json",
        "Idempotency-Key": "step-1",
        "X-Vedette-Timestamp": "1764000000",
        "X-Vedette-Signature": f"sha256={signed}",
    }


def test_without_a_secret_nothing_is_signed() -> None:
    assert "X-Vedette-Signature" not in headers(b"", "step-1", "", 1.0)
