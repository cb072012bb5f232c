"""What a webhook of a runbook is sent, and how it knows that Vedette sent it. Pure.

The signature is HMAC-SHA-256 (RFC 2104) over `<timestamp>.<body>`: who took one down cannot send it again tomorrow.
"""

import hashlib
import hmac
from collections.abc import Mapping

import msgspec

from vedette.core.clock import iso
from vedette.incidents.types import Incident, StepRun

LONGEST_ANSWER = 2_000


class Call(msgspec.Struct, frozen=True):
    """A request that is ready to go."""

    body: bytes
    headers: Mapping[str, str]


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    incident: str
    title: str
    severity: int
    link: str
    runbook: str
    step: int
    text: str
    by: str
    at: str
    idempotency_key: str


def call(run: StepRun, incident: Incident, base: str, secret: str, now: float) -> Call:
    """Return the request of a step; the same step carries the same idempotency key however often it is tried."""
    key = f"runbook-{incident.id}-{run.id}"
    body = msgspec.json.encode(
        _Body(
            incident=incident.key, title=incident.title, severity=incident.severity, link=f"{base}{incident.link}",
            runbook=run.runbook, step=run.number, text=run.step.text, by=run.by, at=iso(now), idempotency_key=key,
        )
    )  # fmt: skip
    stamp = f"{now:.0f}"
    headers = {"Content-Type": "application/json", "Idempotency-Key": key, "X-Vedette-Timestamp": stamp}
    if secret:
        headers["X-Vedette-Signature"] = f"sha256={signature(secret, stamp, body)}"
    return Call(body, headers)


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Return the signature in hex."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def answer(status: int, body: bytes) -> str:
    """Return what a webhook answered in words, bounded: its status and the beginning of its text."""
    said = body[: LONGEST_ANSWER * 4].decode(errors="replace").replace("\0", "").strip()[:LONGEST_ANSWER]
    return f"HTTP {status}\n{said}".strip()
