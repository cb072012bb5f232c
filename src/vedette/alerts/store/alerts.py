"""SQL of alerts."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.alerts.models import AlertRow, TraceRow
from vedette.alerts.types import MOST_COUNTED, Alert, Standing
from vedette.plumbing.db import sql
from vedette.signals.types import Severity, SignalState

Place = tuple[int, int]
"""How far changes were read: (the number of the last one, the id of its alert)."""

_FIRING = SignalState.FIRING.value
_NEXT_SEQ = """INSERT INTO alerts_mark (name, value) VALUES ('seq', 1)
    ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"""


def find(fingerprints: Sequence[str]) -> Mapping[str, Alert]:
    """Return the alerts of these label sets by fingerprint."""
    found: dict[str, Alert] = {}
    for part in sql.batched(fingerprints):
        statement = f"SELECT id, {COLUMNS} FROM alerts_alert WHERE fingerprint IN ({sql.marks(len(part))})"  # noqa: S608 - marks
        found |= {alert.fingerprint: alert for alert in sql.rows(alert_of, statement, part)}
    return found


def acknowledged(fingerprints: Sequence[str]) -> tuple[Alert, ...]:
    """Return those of these label sets that somebody takes care of."""
    return tuple(alert for alert in find(fingerprints).values() if alert.acked_at is not None)


def get(alert_id: int) -> Alert | None:
    """Return an alert by its id, or None."""
    return sql.row(alert_of, f"SELECT id, {COLUMNS} FROM alerts_alert WHERE id = %s", (alert_id,))  # noqa: S608 - constants


def changed_since(place: Place, n: int) -> tuple[tuple[Alert, ...], Place]:
    """Return up to `n` alerts past a place, in the order in which their changes were committed, and the place of the last."""
    statement = f"SELECT id, {COLUMNS} FROM alerts_alert WHERE (seq, id) > (%s, %s) ORDER BY seq, id LIMIT %s"  # noqa: S608 - constants
    found = tuple(sql.rows(alert_of, statement, (*place, n)))
    last = sql.query_one("SELECT seq FROM alerts_alert WHERE id = %s", (found[-1].id,)) if found else None
    return found, (int(last[0] or 0), found[-1].id) if last else place


def last_place() -> Place:
    """Return the place past every change there was."""
    found = sql.query_one("SELECT max(seq), max(id) FROM alerts_alert")
    return (int(found[0] or 0), int(found[1] or 0)) if found else (0, 0)


def firing_of(rule_id: int) -> tuple[Alert, ...]:
    """Return the alerts of a rule that fire."""
    return tuple(_alert(row) for row in AlertRow.objects.filter(rule_id=rule_id, state=_FIRING))


def ended(now: float, n: int) -> tuple[Alert, ...]:
    """Return up to `n` firing alerts whose end has come, the longest over first."""
    statement = f"SELECT id, {COLUMNS} FROM alerts_alert WHERE state = '{_FIRING}' AND ends <= %s ORDER BY ends LIMIT %s"  # noqa: S608 - constants
    return tuple(sql.rows(alert_of, statement, (now, n)))


def next_end() -> float | None:
    """Return the instant at which the next firing alert ends, None when none has an end."""
    found = sql.query_one(
        "SELECT MIN(ends) FROM alerts_alert WHERE state = %s AND ends IS NOT NULL", (_FIRING,)
    )
    return None if found is None or found[0] is None else float(found[0])


def postpone_ends(since: float, now: float) -> int:
    """Let alerts that would have ended between `since` and `now` go on for as long again; return how many.

    While nobody listened, nobody could say that they go on.
    """
    statement = (
        f"UPDATE alerts_alert SET ends = ends + %s WHERE state = '{_FIRING}' AND ends > %s AND ends <= %s"  # noqa: S608 - constants
    )
    return sql.execute(statement, (now - since, since, now))


def firing_after(alert_id: int, n: int) -> tuple[Alert, ...]:
    """Return up to `n` firing alerts whose id is past `alert_id`, in their order."""
    statement = (
        f"SELECT id, {COLUMNS} FROM alerts_alert WHERE id > %s AND state = '{_FIRING}' ORDER BY id LIMIT %s"  # noqa: S608 - constants
    )
    return tuple(sql.rows(alert_of, statement, (alert_id, n)))


def firing_named(subject: str, n: int = 100) -> tuple[Alert, ...]:
    """Return up to `n` firing alerts of a subject, however it is written, the newest first."""
    statement = f"SELECT id, {COLUMNS} FROM alerts_alert WHERE state = '{_FIRING}' AND lower(subject) = lower(%s) ORDER BY id DESC LIMIT %s"  # noqa: S608 - constants
    return tuple(sql.rows(alert_of, statement, (subject, n)))


def save(alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """Insert or overwrite the alerts of these label sets (their `id` is ignored) and return them with their ids."""
    if not alerts:
        return ()
    seq = _next_seq()
    sql.executemany(_SAVE, [(*_values(alert), seq) for alert in alerts])
    ids = _ids([alert.fingerprint for alert in alerts])
    return tuple(msgspec.structs.replace(alert, id=ids[alert.fingerprint]) for alert in alerts)


def refresh(alerts: Sequence[Alert]) -> None:
    """Overwrite only what a repeated telling may change: start, end, its words, and the instant."""
    if not alerts:
        return
    seq = _next_seq()
    rows = [
        (
            each.standing.starts,
            each.standing.ends,
            _json(each.annotations),
            each.title,
            each.text,
            each.updated_at,
            seq,
            each.id,
        )
        for each in alerts
    ]
    sql.executemany(
        "UPDATE alerts_alert SET starts = %s, ends = %s, annotations = %s, title = %s, text = %s, updated_at = %s,"
        " seq = %s WHERE id = %s",
        rows,
    )


def acknowledge(alert_ids: Sequence[int], by: str, at: float | None) -> None:
    """Remember that somebody takes care of alerts; `at` None takes that back."""
    rows = [(at, by, alert) for alert in alert_ids]
    sql.executemany("UPDATE alerts_alert SET acked_at = %s, acked_by = %s WHERE id = %s", rows)


def firing(after: tuple[int, float, int] | None, n: int) -> tuple[Alert, ...]:
    """Return up to `n` alerts that fire, worst first, then what changed last, past (rank, `updated_at`, id)."""
    found: list[Alert] = []
    for severity in reversed(Severity):
        if len(found) < n and (after is None or severity.rank <= after[0]):
            place = after[1:] if after is not None and severity.rank == after[0] else None
            found += _latest(_FIRING, severity, place, n - len(found))
    return tuple(found)


def past(before: tuple[float, int] | None, n: int) -> tuple[Alert, ...]:
    """Return up to `n` alerts that do not fire, what changed last first, past (`updated_at`, id)."""
    others = [state.value for state in SignalState if state is not SignalState.FIRING]
    found = [alert for state in others for each in Severity for alert in _latest(state, each, before, n)]
    return tuple(sorted(found, key=lambda alert: (alert.updated_at, alert.id), reverse=True)[:n])


def _latest(state: str, severity: Severity, before: tuple[float, int] | None, n: int) -> list[Alert]:
    """Return alerts of one state and severity: one piece of an index, however many others there are."""
    place = "AND (updated_at, id) < (%s, %s)" if before is not None else ""
    statement = (
        f"SELECT id, {COLUMNS} FROM alerts_alert WHERE state = %s AND severity = %s {place}"  # noqa: S608 - constants
        " ORDER BY updated_at DESC, id DESC LIMIT %s"
    )
    return sql.rows(alert_of, statement, (state, severity.value, *(before or ()), n))


def counts(since: float) -> tuple[int, int, int]:
    """Return how many alerts fire now, how many changed since an instant, and how many notices were sent since.

    Each is counted to one past `MOST_COUNTED`: a storm of hundreds of thousands is read in the time of ten.
    """
    return (
        _up_to("alerts_alert WHERE state = %s", _FIRING),
        _up_to("alerts_alert WHERE updated_at >= %s", since),
        _up_to("alerts_trace WHERE at >= %s AND sent", since),
    )


def _up_to(which: str, value: str | float) -> int:
    statement = f"SELECT count(*) FROM (SELECT 1 FROM {which} LIMIT {MOST_COUNTED + 1})"  # noqa: S608 - constants
    found = sql.query_one(statement, (value,))
    return int(found[0] or 0) if found else 0


def drop_before(instant: float, n: int) -> int:
    """Delete up to `n` alerts that are over and `n` lines of trace older than `instant`; return how many went."""
    old = AlertRow.objects.filter(updated_at__lt=instant).exclude(state=_FIRING)
    alerts = list(old.exclude(memberrow__isnull=False).values_list("pk", flat=True)[:n])
    lines = list(TraceRow.objects.filter(at__lt=instant).values_list("pk", flat=True)[:n])
    TraceRow.objects.filter(pk__in=lines).delete()
    AlertRow.objects.filter(pk__in=alerts).delete()
    return len(alerts) + len(lines)


# The path of every signal speaks SQL of its own: the ORM takes ten times as long over it.
COLUMNS = (
    "rule_id, rule_name, rules, why, fingerprint, labels, annotations, state, severity, change, starts, ends,"
    " title, text, link, subject, project, updated_at, flips, groups, acked_at, acked_by"
)
_NAMES_OF = tuple(name.strip() for name in COLUMNS.split(","))
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in _NAMES_OF if name != "fingerprint")
_SAVE = f"""INSERT INTO alerts_alert ({COLUMNS}, seq) VALUES ({sql.marks(len(_NAMES_OF) + 1)})
    ON CONFLICT (fingerprint) DO UPDATE SET {_CHANGES}, seq = excluded.seq"""  # noqa: S608 - constants
_LABELS = msgspec.json.Decoder(dict[str, str])
_RULES = msgspec.json.Decoder(tuple[int, ...])
_KEYS = msgspec.json.Decoder(tuple[str, ...])
_INSTANTS = msgspec.json.Decoder(tuple[float, ...])


def _next_seq() -> int:
    """Return the number of a change, to be called in the transaction that makes it.

    There is one writer at a time, so numbers are committed in their order; instants are not, for a long batch keeps one.
    """
    found = sql.query_one(_NEXT_SEQ)
    return int(found[0] or 0) if found else 0


def _ids(fingerprints: Sequence[str]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for part in sql.batched(fingerprints):
        statement = f"SELECT fingerprint, id FROM alerts_alert WHERE fingerprint IN ({sql.marks(len(part))})"  # noqa: S608 - marks
        found |= {str(fingerprint): int(row_id or 0) for fingerprint, row_id in sql.query(statement, part)}
    return found


def _values(alert: Alert) -> tuple[sql.Value, ...]:
    standing = alert.standing
    return (
        alert.rule_id,
        alert.rule,
        _json(alert.rules),
        alert.why,
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
        _json(alert.flips),
        _json(alert.groups),
        alert.acked_at,
        alert.acked_by,
    )


def _json(value: Mapping[str, str] | Sequence[str] | Sequence[float]) -> str:
    return msgspec.json.encode(value).decode()


def alert_of(  # noqa: PLR0917 - the columns of the table, in order
    alert_id: int,
    rule_id: int | None,
    rule: str,
    rules: str,
    why: str,
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
    flips: str,
    groups: str,
    acked_at: float | None,
    acked_by: str,
) -> Alert:
    """Return the alert of a row: `id` and the columns of `COLUMNS`."""
    return Alert(
        id=alert_id,
        rule_id=rule_id,
        rule=rule,
        rules=_RULES.decode(rules),
        why=why,
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
        flips=_INSTANTS.decode(flips),
        groups=_KEYS.decode(groups),
        acked_at=acked_at,
        acked_by=acked_by,
    )


def _alert(row: AlertRow) -> Alert:
    return Alert(
        id=row.pk,
        rule_id=row.rule_id,
        rule=row.rule_name,
        rules=tuple(row.rules),
        why=row.why,
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
        flips=tuple(row.flips),
        groups=tuple(row.groups),
        acked_at=row.acked_at,
        acked_by=row.acked_by,
    )
