"""What a webhook of a runbook is sent, signed as `wire.webhook` says, and what it answers in words. Pure."""

from collections.abc import Mapping

import msgspec

from vedette.core.clock import iso
from vedette.incidents.types import Incident, StepRun
from vedette.wire import webhook

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
    return Call(body, webhook.headers(body, key, secret, now))


def answer(status: int, body: bytes) -> str:
    """Return what a webhook answered in words, bounded: its status and the beginning of its text."""
    said = body[: LONGEST_ANSWER * 4].decode(errors="replace").replace("\0", "").strip()[:LONGEST_ANSWER]
    return f"HTTP {status}\n{said}".strip()
