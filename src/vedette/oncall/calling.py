"""Webhooks of steps: a POST from the outbox, signed, tried again for about an hour, then given up; each try is a line.

What is sent is the JSON of docs/webhook.md's notice with the escalation beside it. `X-Vedette-Timestamp` are the seconds
of the try, and `X-Vedette-Signature` is `sha256=` and the HMAC-SHA-256 of `<timestamp>.<body>` under the secret the
policy had when the escalation began, so that nobody can send an old one again. Private addresses are refused by the port
unless they are allowed.
"""

import msgspec

from vedette.core import ids
from vedette.core.errors import Invalid
from vedette.notify.types import Notice
from vedette.oncall.policies import PURPOSE
from vedette.oncall.store import escalations as store
from vedette.oncall.types import OUTBOX, TOPIC, Call, Escalation
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.net.port import NetError
from vedette.plumbing.outbox.port import OutboxItem
from vedette.plumbing.ports import ports
from vedette.wire import webhook

HOLD = 30.0
SECONDS = 5.0  # of one try
PAUSES = (10.0, 60.0, 300.0, 900.0, 1_800.0)
_MOST_BYTES = 4_096
_ENCODE, _DECODE = msgspec.json.encode, msgspec.json.Decoder(Call).decode


def queue(escalation: Escalation, url: str, move: str, notice: Notice, now: float) -> None:
    """Queue the webhook of a step, in the caller's transaction; once under a move's name."""
    body = {
        "version": "1", "event": "escalation.step", "escalation": escalation.id, "policy": escalation.policy.name,
        "round": escalation.round, "step": escalation.step + 1, "thread": escalation.thread, "notice": notice,
    }  # fmt: skip
    call = Call(escalation=escalation.id, url=url, secret=store.secret(escalation.id), body=_ENCODE(body))
    ports().outbox.add(OUTBOX, _ENCODE(call), f"esc.{escalation.id}.{move}.hook", now)
    on_commit(lambda: ports().bus.wake(TOPIC))


def deliver_one(now: float) -> int:
    """Call one webhook that is due; return 1, or 0 when none is."""
    claimed = ports().outbox.claim(1, now, HOLD, OUTBOX)
    for item in claimed:
        _handle(item, now)
    return len(claimed)


def next_due() -> float | None:
    """Return when the next webhook is due, None when none waits."""
    return ports().outbox.next_due(OUTBOX)


def _handle(item: OutboxItem, now: float) -> None:
    call = _DECODE(item.payload)
    refused, lasting = _refused(call, item.idempotency_key, now)
    last = lasting or item.attempt > len(PAUSES)
    with transaction():
        if not refused:
            ports().outbox.done(item.id)
            _note(call, item, "The webhook was called.", now)
        elif last:
            ports().outbox.fail(item.id, refused)
            _note(call, item, f"The webhook was given up: {refused}", now)
        else:
            pause = PAUSES[item.attempt - 1]
            ports().outbox.retry(item.id, now + ids.jitter(pause), refused)
            _note(call, item, f"The webhook failed, and is tried again: {refused}", now)


def _refused(call: Call, key: str, now: float) -> tuple[str, bool]:
    """POST it; return why it was not taken ("" when it was), and whether trying again will not help."""
    try:
        secret = ports().seal.open(call.secret, PURPOSE) if call.secret else ""
        headers = webhook.headers(call.body, key, secret, now)
        answer = ports().net.request(
            "POST", call.url, headers=headers, body=call.body, deadline=SECONDS, max_bytes=_MOST_BYTES
        )
    except NetError as error:
        return str(error), error.permanent
    except Invalid as error:  # the secret cannot be opened: another key, after a move without it
        return str(error), True
    if 200 <= answer.status < 300:
        return "", False
    return f"HTTP {answer.status}.", answer.status < 500 and answer.status not in {408, 425, 429}


def _note(call: Call, item: OutboxItem, text: str, now: float) -> None:
    if store.find(call.escalation) is not None:
        store.add_line(call.escalation, f"hook.{item.idempotency_key}.{item.attempt}", text, now)
