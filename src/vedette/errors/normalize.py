"""Turn a delivery into an event: whatever bytes came in, an event comes out that says what could not be kept.

Total: it never raises. The order matters: decode, shape, fill in the address, scrub, and only then read the facts,
so that no title, tag or search text is made of what was hidden.
"""

import datetime as dt
import re

import msgspec

from vedette.core.clock import parse_iso
from vedette.errors import facts
from vedette.errors.scrubbing import Scrubber
from vedette.errors.shape import Draft, shape
from vedette.errors.types import Event
from vedette.wire import lenient
from vedette.wire.delivery import Delivery, Note

DRIFT = 55 * 60.0
FUTURE = 60.0
AUTO = "{{auto}}"
_SCRIPTS = frozenset({"javascript"})
_FRACTION = re.compile(r"(\.\d{6})\d+")
_EARLIEST = 0.0


class Normalized(msgspec.Struct, frozen=True):
    """An event, and its data as JSON when that is what was sent, byte for byte (so it need not be encoded again)."""

    event: Event
    raw: bytes | None


def normalize(delivery: Delivery, scrubber: Scrubber) -> Normalized:
    """Return the event of a delivery."""
    value, notes = lenient.decode(delivery.payload)
    draft = shape(value, (*delivery.notes, *notes))
    _fill_address(draft, delivery.address)
    plain = not notes and _is_plain(delivery.payload)
    suspect = not plain or scrubber.suspects(delivery.payload)
    if suspect:
        scrubber.scrub(draft, delivery.payload if plain else None)
    at = _happened(draft, delivery)
    known = facts.read(draft)
    as_sent = not (
        suspect or draft.touched
    )  # of a name that comes twice, the bytes also hold the value that lost
    return Normalized(_event(delivery, draft, known, at), delivery.payload if as_sent else None)


def _is_plain(payload: bytes) -> bool:
    """Tell whether bytes that were read without a note are an object in UTF-8: no byte order mark, no UTF-16."""
    return payload[:1] == b"{" or payload.lstrip()[:1] == b"{"


def unreadable(delivery: Delivery, why: str) -> Event:
    """Return the event that stands for a delivery nothing could be made of."""
    return Event(
        id=delivery.event_id, project=delivery.project, at=delivery.received, received=delivery.received,
        title="An event that could not be read", message="An event that could not be read", tags=(("level", "error"),),
        notes=(*delivery.notes, Note(where="", what=why)), data={},
    )  # fmt: skip


def _event(delivery: Delivery, draft: Draft, known: facts.Facts, at: float) -> Event:
    return Event(
        id=delivery.event_id,
        project=delivery.project,
        at=at,
        received=delivery.received,
        level=known.level,
        platform=known.platform,
        title=known.title,
        kind=known.kind,
        message=known.message,
        culprit=known.culprit,
        location=known.location,
        transaction=known.transaction,
        logger=known.logger,
        release=known.release,
        environment=known.environment,
        user=known.user,
        handled=known.handled,
        tags=known.tags,
        notes=tuple(draft.notes),
        data=draft.data,  # type: ignore[arg-type]  # JSON values are objects
    )


def _fill_address(draft: Draft, address: str | None) -> None:
    """Put the client's address where the event asks for it, and for browsers, whose SDK cannot know it."""
    user = draft.data.get("user")
    sent = user.get("ip_address") if isinstance(user, dict) else None
    if sent == AUTO or (sent is None and _wants_address(draft)):
        filled = {**user} if isinstance(user, dict) else {}
        filled.pop("ip_address", None)
        if address:
            filled["ip_address"] = address
        draft.put("user", filled)
    request = draft.data.get("request")
    env = request.get("env") if isinstance(request, dict) else None
    if isinstance(env, dict) and env.get("REMOTE_ADDR") == AUTO:
        env["REMOTE_ADDR"] = address
        draft.touched = True


def _wants_address(draft: Draft) -> bool:
    """Say whether a browser's SDK leaves the address to us; newer ones say so themselves."""
    sdk = draft.data.get("sdk")
    settings = sdk.get("settings") if isinstance(sdk, dict) else None
    asked = settings.get("infer_ip") if isinstance(settings, dict) else None
    return asked == "auto" or (asked is None and draft.data.get("platform") in _SCRIPTS)


def _happened(draft: Draft, delivery: Delivery) -> float:
    """Return when the event happened: what it says, moved when the client's clock is far off."""
    said = draft.data.get("timestamp")
    at = instant_of(said)
    if at is None or at <= 0:
        if said is not None:
            draft.note("timestamp", f"{str(said)[:40]!r} is no instant; the time of arrival was taken.")
        return delivery.received
    drift = delivery.received - delivery.sent_at if delivery.sent_at is not None else 0.0
    if abs(drift) >= DRIFT:
        at += drift
        draft.note(
            "timestamp", f"The client's clock is {_minutes(drift)} off; the time was moved by as much."
        )
    if not 0 < at <= delivery.received + FUTURE:
        draft.note("timestamp", "The time lies in the future, or before 1970; the time of arrival was taken.")
        return delivery.received
    return at


def instant_of(value: object) -> float | None:
    """Return the instant of a timestamp: seconds, milliseconds, micro- or nanoseconds, or ISO 8601; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return _from_text(value.strip())
    if not isinstance(value, int | float):
        return None
    return _in_seconds(float(value)) if abs(value) < 1e30 else None


def _in_seconds(number: float) -> float | None:
    for limit, unit in ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9)):
        if _EARLIEST < number < limit:
            return number / unit
    return None


def _from_text(text: str) -> float | None:
    try:
        return _in_seconds(float(text))
    except ValueError:
        pass
    try:
        return parse_iso(_FRACTION.sub(r"\1", text.replace(" UTC", "Z"))) if len(text) >= 8 else None
    except (ValueError, OverflowError):
        return None


def _minutes(seconds: float) -> str:
    return str(dt.timedelta(seconds=round(abs(seconds)))) + (" behind" if seconds > 0 else " ahead")
