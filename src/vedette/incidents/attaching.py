"""From an alert to an alert of an incident, and what its timeline says of it. Pure."""

from collections.abc import Collection, Iterable, Sequence

from vedette.alerts.types import Alert
from vedette.incidents.types import AttachedAlert, EntryDraft, EntryKind
from vedette.signals.types import SignalState


def attached(incident: int, alert: Alert) -> AttachedAlert:
    """Return an alert as it belongs to an incident."""
    over = alert.standing.state is not SignalState.FIRING
    return AttachedAlert(
        incident=incident, fingerprint=alert.fingerprint, title=alert.title, link=link_of(alert), severity=alert.standing.severity.value,
        starts=alert.standing.starts, ends=alert.updated_at if over else None, subject=alert.subject, labels=_labels(alert),
    )  # fmt: skip


def line(alert: Alert) -> EntryDraft:
    """Return what a timeline says of an alert as it stands: that it fires, or that it is over."""
    over = alert.standing.state is not SignalState.FIRING
    at = alert.updated_at if over else alert.began
    return EntryDraft(
        at=at, kind=EntryKind.ALERT, text=f"Over: {alert.title}" if over else alert.title, detail="" if over else alert.text[:500],
        link=link_of(alert), tone="ok" if over else "crit" if alert.standing.severity.rank > 1 else "warn", subject=alert.subject,
        source=f"alert:{alert.fingerprint}:{'over' if over else 'fires'}:{at!r}",
    )  # fmt: skip


def taken(acked: Iterable[Alert], told: Collection[float]) -> list[EntryDraft]:
    """Return the lines that say who took care of alerts, one for all that somebody took at once.

    `told` are the instants of acts on the incident: what was taken with it is told by the act.
    """
    found: dict[tuple[float, str], list[Alert]] = {}
    for alert in acked:
        if alert.acked_at is not None and alert.acked_at not in told:
            found.setdefault((alert.acked_at, alert.acked_by), []).append(alert)
    return [_taken(at, by, alerts) for (at, by), alerts in sorted(found.items())]


def _taken(at: float, by: str, alerts: Sequence[Alert]) -> EntryDraft:
    one = len(alerts) == 1
    return EntryDraft(
        at=at, kind=EntryKind.ACT, text=f"acknowledged {alerts[0].title if one else f'{len(alerts)} alerts'}", by=by,
        detail="" if one else "; ".join(alert.title for alert in alerts)[:500], link=link_of(alerts[0]) if one else "",
        source=f"taken:{at!r}:{by}",
    )  # fmt: skip


def link_of(alert: Alert) -> str:
    """Return the path of an alert's own page."""
    return f"/alerts/{alert.id}/"


def _labels(alert: Alert) -> dict[str, str]:
    rule = {"rule": alert.rule} if alert.rule else {}
    about = {"about": alert.link} if alert.link not in {"", "/", "/alerts/"} else {}
    return {**alert.labels, **rule, **about}
