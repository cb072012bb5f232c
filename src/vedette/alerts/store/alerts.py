"""SQL of alerts, of what each channel was told, and of the trace."""

from collections.abc import Mapping, Sequence

import msgspec
from django.db.models import Case, IntegerField, Q, Value, When

from vedette.alerts.dedup import Entry
from vedette.alerts.models import AlertRow, TraceRow
from vedette.alerts.types import Alert, Standing, Trace
from vedette.plumbing.db import sql
from vedette.signals.types import Severity, SignalState

_FIRING = SignalState.FIRING.value


class Told(msgspec.Struct, frozen=True):
    """What a channel was told last about an alert, and how often it was told this change."""

    entry: Entry
    times: int


def find(rule_id: int, fingerprint: str) -> Alert | None:
    """Return the alert of a rule and a label set, or None."""
    return sql.row(_alert_of, _FIND, (rule_id, fingerprint))


def firing_of(rule_id: int) -> tuple[Alert, ...]:
    """Return the alerts of a rule that fire."""
    return tuple(_alert(row) for row in AlertRow.objects.filter(rule_id=rule_id, state=_FIRING))


def ended(now: float) -> tuple[Alert, ...]:
    """Return the firing alerts whose end has come."""
    rows = AlertRow.objects.filter(state=_FIRING, ends__lte=now, rule__isnull=False)
    return tuple(_alert(row) for row in rows)


def save(alert: Alert) -> Alert:
    """Insert or overwrite the alert of this rule and label set (its `id` is ignored)."""
    standing = alert.standing
    row = sql.query_one(
        _SAVE,
        (
            alert.rule_id,
            alert.rule,
            alert.fingerprint,
            _json(alert.labels),
            _json(alert.annotations),
            standing.state.value,
            standing.severity.value,
            standing.change,
            standing.starts,
            standing.ends,
            alert.title,
            alert.text,
            alert.link[:500],
            alert.subject[:200],
            alert.project,
            alert.updated_at,
        ),
    )
    return msgspec.structs.replace(alert, id=int(row[0] or 0) if row else 0)


def told(alert_id: int, channel_id: int) -> Told | None:
    """Return what a channel was told last about an alert, None when nothing."""
    return sql.row(_told_of, _TOLD, (alert_id, channel_id))


def note_told(alert_id: int, channel_id: int, entry: Entry, times: int) -> None:
    """Remember what a channel is told."""
    firing, resolved = _json(sorted(entry.firing)), _json(sorted(entry.resolved))
    sql.execute(_NOTE_TOLD, (alert_id, channel_id, firing, resolved, entry.at, times))


def trace(lines: Sequence[Trace]) -> None:
    """Append lines to the trace."""
    sql.executemany(_TRACE, [[getattr(line, name) for name in _TRACE_COLUMNS] for line in lines])


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
    rows = TraceRow.objects.filter(alert=None, code="no_rule", at__gte=since).order_by("-pk")[:n]
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


# The path of every signal speaks SQL of its own: the ORM takes ten times as long over it.
_COLUMNS = (
    "rule_id, rule_name, fingerprint, labels, annotations, state, severity, change, starts, ends,"
    " title, text, link, subject, project, updated_at"
)
_FIND = f"SELECT id, {_COLUMNS} FROM alerts_alert WHERE rule_id = %s AND fingerprint = %s"  # noqa: S608 - constants
_SAVE = f"""INSERT INTO alerts_alert ({_COLUMNS}) VALUES ({sql.marks(16)})
    ON CONFLICT (rule_id, fingerprint) DO UPDATE SET rule_name = excluded.rule_name, labels = excluded.labels,
    annotations = excluded.annotations, state = excluded.state, severity = excluded.severity,
    change = excluded.change, starts = excluded.starts, ends = excluded.ends, title = excluded.title,
    text = excluded.text, link = excluded.link, subject = excluded.subject, project = excluded.project,
    updated_at = excluded.updated_at RETURNING id"""  # noqa: S608 - constants
_TOLD = "SELECT firing, resolved, at, times FROM alerts_told WHERE alert_id = %s AND channel = %s"
_NOTE_TOLD = """INSERT INTO alerts_told (alert_id, channel, firing, resolved, at, times)
    VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (alert_id, channel) DO UPDATE SET
    firing = excluded.firing, resolved = excluded.resolved, at = excluded.at, times = excluded.times"""
_TRACE_COLUMNS = (
    "alert_id", "at", "sent", "code", "reason", "rule", "channel", "title", "link", "idempotency_key",
)  # fmt: skip
_TRACE = f"INSERT INTO alerts_trace ({', '.join(_TRACE_COLUMNS)}) VALUES ({sql.marks(len(_TRACE_COLUMNS))})"  # noqa: S608 - constants
_LABELS = msgspec.json.Decoder(dict[str, str])
_NAMES = msgspec.json.Decoder(frozenset[str])
_WORST = Case(
    *(When(severity=severity.value, then=Value(-severity.rank)) for severity in Severity),
    default=Value(0),
    output_field=IntegerField(),
)


def _json(value: Mapping[str, str] | Sequence[str]) -> str:
    return msgspec.json.encode(value).decode()


def _told_of(firing: str, resolved: str, at: float, times: int) -> Told:
    return Told(Entry(_NAMES.decode(firing), _NAMES.decode(resolved), at), times)


def _alert_of(  # noqa: PLR0917 - the columns of the table, in order
    alert_id: int,
    rule_id: int | None,
    rule: str,
    fingerprint: str,
    labels: str,
    annotations: str,
    state: str,
    severity: str,
    change: int,
    starts: float,
    ends: float | None,
    title: str,
    text: str,
    link: str,
    subject: str,
    project: int | None,
    updated_at: float,
) -> Alert:
    return Alert(
        id=alert_id,
        rule_id=rule_id,
        rule=rule,
        fingerprint=fingerprint,
        labels=_LABELS.decode(labels),
        annotations=_LABELS.decode(annotations),
        standing=Standing(
            state=SignalState(state), severity=Severity(severity), change=change, starts=starts, ends=ends
        ),
        title=title,
        text=text,
        link=link,
        subject=subject,
        project=project,
        updated_at=updated_at,
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
