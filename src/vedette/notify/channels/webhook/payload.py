"""The body of a webhook: Alertmanager's payload version 4, and what Vedette adds under its own name."""

from collections.abc import Mapping

import msgspec

from vedette.core.clock import iso
from vedette.notify.types import Action, Notice, Told

_NEVER = "0001-01-01T00:00:00Z"


class AlertBody(msgspec.Struct, frozen=True, rename="camel"):
    """One alert, as Alertmanager's receivers know it."""

    status: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: str
    ends_at: str
    generator_url: str = msgspec.field(name="generatorURL")
    fingerprint: str


class Own(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What Vedette tells beyond Alertmanager's payload."""

    title: str
    text: str
    severity: str
    state: str
    project: str
    link: str
    reason: str
    at: str
    idempotency_key: str
    actions: tuple[Action, ...] = ()


class Body(msgspec.Struct, frozen=True, rename="camel"):
    """The whole body."""

    version: str
    group_key: str
    truncated_alerts: int
    status: str
    receiver: str
    group_labels: Mapping[str, str]
    common_labels: Mapping[str, str]
    common_annotations: Mapping[str, str]
    external_url: str = msgspec.field(name="externalURL")
    alerts: tuple[AlertBody, ...]
    vedette: Own


def payload(notice: Notice, base_url: str, idempotency_key: str) -> Body:
    """Return the body for a notice; `status` is `resolved` only when every alert in it is."""
    return Body(
        version="4",
        group_key=notice.group or idempotency_key,
        truncated_alerts=notice.truncated,
        status="resolved" if notice.state == "resolved" else "firing",
        receiver=notice.receiver,
        group_labels=notice.labels,
        common_labels=_common([told.labels for told in notice.alerts]) or notice.labels,
        common_annotations=_common([told.annotations for told in notice.alerts]),
        external_url=base_url,
        alerts=tuple(_alert(told) for told in notice.alerts),
        vedette=_own(notice, idempotency_key),
    )


def _alert(told: Told) -> AlertBody:
    return AlertBody(
        status="resolved" if told.state == "resolved" else "firing",
        labels=told.labels,
        annotations=told.annotations,
        starts_at=iso(told.starts),
        ends_at=_NEVER if told.ends is None else iso(told.ends),
        generator_url=told.link,
        fingerprint=told.fingerprint,
    )


def _own(notice: Notice, idempotency_key: str) -> Own:
    return Own(
        title=notice.title,
        text=notice.text,
        severity=notice.severity,
        state=notice.state,
        project=notice.project,
        link=notice.link,
        reason=notice.reason,
        at=iso(notice.at),
        idempotency_key=idempotency_key,
        actions=notice.actions,
    )


def _common(labels: list[Mapping[str, str]]) -> dict[str, str]:
    return dict(set.intersection(*(set(each.items()) for each in labels))) if labels else {}
