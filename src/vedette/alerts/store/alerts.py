"""SQL of alerts, of what each channel was told, and of the trace."""

from collections.abc import Mapping, Sequence

import msgspec
from django.db.models import Case, IntegerField, Q, Value, When

from vedette.alerts.dedup import Entry
from vedette.alerts.models import AlertRow, ToldRow, TraceRow
from vedette.alerts.types import Alert, Standing, Trace
from vedette.signals.types import Severity, SignalState

_FIRING = SignalState.FIRING.value


class Told(msgspec.Struct, frozen=True):
    """What a channel was told last about an alert, and how often it was told this change."""

    entry: Entry
    times: int


def find(rule_id: int, fingerprint: str) -> Alert | None:
    """Return the alert of a rule and a label set, or None."""
    row = AlertRow.objects.filter(rule_id=rule_id, fingerprint=fingerprint).first()
    return None if row is None else _alert(row)


def firing_of(rule_id: int) -> tuple[Alert, ...]:
    """Return the alerts of a rule that fire."""
    return tuple(_alert(row) for row in AlertRow.objects.filter(rule_id=rule_id, state=_FIRING))


def ended(now: float) -> tuple[Alert, ...]:
    """Return the firing alerts whose end has come."""
    rows = AlertRow.objects.filter(state=_FIRING, ends__lte=now, rule__isnull=False)
    return tuple(_alert(row) for row in rows)


def save(alert: Alert) -> Alert:
    """Insert or overwrite the alert of this rule and label set (its `id` is ignored)."""
    standing = msgspec.structs.asdict(alert.standing)
    row, _ = AlertRow.objects.update_or_create(
        rule_id=alert.rule_id,
        fingerprint=alert.fingerprint,
        defaults={
            **standing,
            "rule_name": alert.rule,
            "labels": dict(alert.labels),
            "annotations": dict(alert.annotations),
            "title": alert.title,
            "text": alert.text,
            "link": alert.link[:500],
            "subject": alert.subject[:200],
            "project": alert.project,
            "updated_at": alert.updated_at,
        },
    )
    return msgspec.structs.replace(alert, id=row.pk)


def told(alert_id: int, channel_id: int) -> Told | None:
    """Return what a channel was told last about an alert, None when nothing."""
    row = ToldRow.objects.filter(alert_id=alert_id, channel=channel_id).first()
    return (
        None
        if row is None
        else Told(Entry(frozenset(row.firing), frozenset(row.resolved), row.at), row.times)
    )


def note_told(alert_id: int, channel_id: int, entry: Entry, times: int) -> None:
    """Remember what a channel is told."""
    ToldRow.objects.update_or_create(
        alert_id=alert_id,
        channel=channel_id,
        defaults={
            "firing": sorted(entry.firing),
            "resolved": sorted(entry.resolved),
            "at": entry.at,
            "times": times,
        },
    )


def trace(lines: Sequence[Trace]) -> None:
    """Append lines to the trace."""
    TraceRow.objects.bulk_create([TraceRow(**msgspec.structs.asdict(line)) for line in lines])


def page(before: tuple[float, int] | None, n: int, *, firing: bool) -> tuple[Alert, ...]:
    """Return up to `n` alerts that fire (or that do not), what changed last first, past (`updated_at`, id)."""
    rows = AlertRow.objects.filter(state=_FIRING) if firing else AlertRow.objects.exclude(state=_FIRING)
    if before is not None:
        at, alert_id = before
        rows = rows.filter(Q(updated_at__lt=at) | Q(updated_at=at, pk__lt=alert_id))
    order = [_WORST] if firing else []
    return tuple(_alert(row) for row in rows.order_by(*order, "-updated_at", "-pk")[:n])


def traces_of(alert_ids: Sequence[int], n: int) -> Mapping[int, tuple[Trace, ...]]:
    """Return the last `n` lines of trace of each alert, newest first."""
    found: dict[int, list[Trace]] = {alert_id: [] for alert_id in alert_ids}
    for row in TraceRow.objects.filter(alert_id__in=alert_ids).order_by("-pk")[: n * max(1, len(alert_ids))]:
        lines = found[row.alert_id or 0]
        if len(lines) < n:
            lines.append(_trace(row))
    return {alert_id: tuple(lines) for alert_id, lines in found.items()}


def unmatched(since: float, n: int) -> tuple[Trace, ...]:
    """Return the last `n` signals since an instant that met no rule, newest first."""
    rows = TraceRow.objects.filter(alert=None, at__gte=since).order_by("-pk")[:n]
    return tuple(_trace(row) for row in rows)


def counts(since: float) -> tuple[int, int, int]:
    """Return how many alerts fire now, how many changed since an instant, and how many notices were sent since."""
    rows = AlertRow.objects
    return (
        rows.filter(state=_FIRING).count(),
        rows.filter(updated_at__gte=since).count(),
        TraceRow.objects.filter(at__gte=since, sent=True).count(),
    )


def drop_before(instant: float, n: int) -> int:
    """Delete up to `n` alerts that are over and `n` lines of trace older than `instant`; return how many went."""
    old = AlertRow.objects.filter(updated_at__lt=instant).exclude(state=_FIRING)
    alerts = list(old.values_list("pk", flat=True)[:n])
    lines = list(TraceRow.objects.filter(at__lt=instant).values_list("pk", flat=True)[:n])
    TraceRow.objects.filter(pk__in=lines).delete()
    AlertRow.objects.filter(pk__in=alerts).delete()
    return len(alerts) + len(lines)


_WORST = Case(
    *(When(severity=severity.value, then=Value(-severity.rank)) for severity in Severity),
    default=Value(0),
    output_field=IntegerField(),
)


def _alert(row: AlertRow) -> Alert:
    return Alert(
        id=row.pk,
        rule_id=row.rule_id,
        rule=row.rule_name,
        fingerprint=row.fingerprint,
        labels=row.labels,
        annotations=row.annotations,
        standing=Standing(
            state=SignalState(row.state),
            severity=Severity(row.severity),
            change=row.change,
            starts=row.starts,
            ends=row.ends,
        ),
        title=row.title,
        text=row.text,
        link=row.link,
        subject=row.subject,
        project=row.project,
        updated_at=row.updated_at,
    )


def _trace(row: TraceRow) -> Trace:
    return Trace(
        at=row.at,
        sent=row.sent,
        code=row.code,
        reason=row.reason,
        rule=row.rule,
        channel=row.channel,
        title=row.title,
        link=row.link,
        alert_id=row.alert_id,
        idempotency_key=row.idempotency_key,
    )
