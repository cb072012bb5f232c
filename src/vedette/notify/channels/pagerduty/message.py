"""A notice as an event of PagerDuty: trigger while it goes on, resolve when it is over."""

from collections.abc import Mapping

import msgspec

from vedette.core.clock import iso
from vedette.notify.channels.cutting import cut
from vedette.notify.channels.naming import name_of
from vedette.notify.types import Notice

# developer.pagerduty.com/docs/send-alert-event: summary 1,024 characters, an event 512 KB.
_SUMMARY, _TEXT, _LABEL, _LABELS = 1_024, 20_000, 1_000, 50
_SEVERITIES = {"critical": "critical", "high": "error", "low": "warning", "info": "info"}


class Link(msgspec.Struct, frozen=True):
    """A link shown on the incident."""

    href: str
    text: str


class Payload(msgspec.Struct, frozen=True):
    """What happened; the names are PagerDuty's."""

    summary: str
    source: str
    severity: str
    timestamp: str
    custom_details: Mapping[str, str]


class Event(msgspec.Struct, frozen=True):
    """The body of `/v2/enqueue`."""

    routing_key: str
    event_action: str
    dedup_key: str
    payload: Payload
    links: tuple[Link, ...]
    client: str
    client_url: str


def event(notice: Notice, routing_key: str, idempotency_key: str) -> Event:
    """Return the event of a notice."""
    acts = (Link(action.url, action.label) for action in notice.actions)
    return Event(
        routing_key=routing_key,
        event_action="resolve" if notice.state == "resolved" else "trigger",
        dedup_key=name_of(notice, idempotency_key),
        payload=Payload(
            summary=cut(notice.title or "Vedette", _SUMMARY),
            source=notice.project or "Vedette",
            severity=_SEVERITIES.get(notice.severity, "error"),
            timestamp=iso(notice.at),
            custom_details=details(notice),
        ),
        links=(Link(notice.link, "Open in Vedette"), *acts),
        client="Vedette",
        client_url=notice.link,
    )


def details(notice: Notice) -> dict[str, str]:
    """Return text, reason and the first labels, cut."""
    labels = dict(list(notice.labels.items())[:_LABELS])
    told = {**labels, "text": cut(notice.text, _TEXT), "reason": notice.reason, "link": notice.link}
    return {name: value if name == "text" else cut(value, _LABEL) for name, value in told.items() if value}
