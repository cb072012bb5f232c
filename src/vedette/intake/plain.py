"""The doors of plain requests: heartbeats of scheduled jobs, and what users wrote. Pure.

Protocols: https://develop.sentry.dev/sdk/telemetry/check-ins/ (and the cron URL of its documentation),
https://docs.sentry.io/api/projects/submit-user-feedback/ as SDKs and web forms send it.
"""

from vedette.core.errors import Invalid
from vedette.intake import event_ids
from vedette.wire import lenient
from vedette.wire.tolerant import Json
from vedette.wire.url import query_pairs

STATUSES = ("ok", "error", "in_progress")
_LONGEST_SLUG = 200
_FEEDBACK = ("name", "email", "comments")


def check_in(slug: str, query: bytes, body: bytes) -> bytes:
    """Return the payload of a heartbeat's check-in, told by its address and, where there is one, its body.

    Raises `Invalid` for a status or a duration that is none.
    """
    said = _said(body)
    said.update({name: value for name, value in _pairs(query) if not name.startswith("sentry_")})
    status = said.get("status") or "ok"
    if status not in STATUSES:
        raise Invalid(f"The status of a check-in is one of {', '.join(STATUSES)}, not {str(status)[:40]!r}.")
    told: dict[str, Json] = {
        "monitor_slug": slug[:_LONGEST_SLUG],
        "status": status,
        "duration": _seconds(said),
    }
    for name in ("check_in_id", "environment", "release", "monitor_config"):
        told[name] = said.get(name)
    return lenient.encode({name: value for name, value in told.items() if value is not None})


def _seconds(said: dict[str, Json]) -> float | None:
    value = said.get("duration")
    if value in (None, ""):
        return None
    try:
        seconds = float(value)  # type: ignore[arg-type]  # what is no number is refused below
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds < 1e9:
        raise Invalid(f"The duration of a check-in is a number of seconds, not {str(value)[:40]!r}.")
    return seconds


def feedback(query: bytes, body: bytes) -> tuple[str, bytes]:
    """Return which event users wrote about and the payload of it; raises `Invalid` when either is missing."""
    said = _said(body)
    named = said.get("event_id") or said.get("eventId") or dict(_pairs(query)).get("eventId")
    event_id = event_ids.normal(named)
    if event_id is None:
        raise Invalid("Feedback names its event: send event_id, 32 hex digits.")
    told: dict[str, Json] = {name: said.get(name) for name in _FEEDBACK if isinstance(said.get(name), str)}
    if not str(told.get("comments") or "").strip():
        raise Invalid("Feedback says something: send comments.")
    return event_id, lenient.encode({"event_id": event_id, **told})


def _said(body: bytes) -> dict[str, Json]:
    """Return the fields of a body of JSON or of a form."""
    if not body.strip():
        return {}
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        value, _ = lenient.decode(body)
        return dict(value) if isinstance(value, dict) else {}
    return dict(_pairs(body))


def _pairs(query: bytes) -> tuple[tuple[str, str], ...]:
    return query_pairs(query.decode("utf-8", "replace"))


def otlp(is_json: bool) -> bytes:
    """Return what an OTLP exporter is answered: taken, with a warning that nothing of it is kept.

    https://opentelemetry.io/docs/specs/otlp/#otlphttp-response: a partial success that rejects nothing warns. In
    protobuf it is field 1 of the response, and its message is field 2 of that.
    """
    text = b"Vedette counts logs and traces but does not keep them yet."
    if is_json:
        return b'{"partialSuccess":{"errorMessage":"%b"}}' % text
    inner = b"\x12" + bytes((len(text),)) + text
    return b"\x0a" + bytes((len(inner),)) + inner
