"""What a user wrote about an event, in its two forms: the older `user_report`, and `feedback`. Pure.

Formats: https://develop.sentry.dev/sdk/data-model/envelope-items/#user-report---deprecated and #user-feedback.
"""

import msgspec

from vedette.errors.scrubbing import Scrubber
from vedette.errors.shape import Draft
from vedette.wire import lenient
from vedette.wire.delivery import Delivery
from vedette.wire.tolerant import Json

LONGEST = 4_096
_NAME = 200


class Feedback(msgspec.Struct, frozen=True):
    """Who wrote what about which event (32 hex digits); scrubbed."""

    event_id: str
    name: str
    email: str
    comments: str


def read_feedback(delivery: Delivery, scrub: Scrubber) -> list[Feedback]:
    """Return the feedback of a delivery; none when nothing was written."""
    value, _ = lenient.decode(delivery.payload)
    if not isinstance(value, dict):
        return []
    contexts = value.get("contexts")
    newer = contexts.get("feedback") if isinstance(contexts, dict) else None
    sent = newer if isinstance(newer, dict) else value
    said: dict[str, Json] = {
        "name": _text(sent, "name")[:_NAME],
        "email": _text(sent, "email", "contact_email")[:_NAME],
        "comments": _text(sent, "comments", "message")[:LONGEST],
    }
    if not any(said.values()):
        return []
    draft = Draft(said)
    scrub.scrub(draft)
    event_id = _event_id(_text(sent, "event_id", "associated_event_id")) or delivery.event_id
    return [Feedback(event_id, *(str(draft.data.get(name) or "") for name in ("name", "email", "comments")))]


def _text(sent: dict[str, Json], *names: str) -> str:
    """Return the first of these fields that holds a text."""
    for name in names:
        value = sent.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _event_id(text: str) -> str:
    digits = text.replace("-", "").lower()
    return digits if len(digits) == 32 and set(digits) <= set("0123456789abcdef") else ""
