"""SQL of the trace: why somebody was told, or was not."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.alerts.types import Alert, Trace
from vedette.plumbing.db import sql

_AT_ONCE = 100  # pieces of one statement: SQLite takes five hundred
_COLUMNS = (
    "alert_id", "group", "at", "sent", "code", "reason", "rule", "channel", "title", "link", "idempotency_key",
)  # fmt: skip
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
_ADD = f"INSERT INTO alerts_trace ({_NAMES}) VALUES ({sql.marks(len(_COLUMNS))})"  # noqa: S608 - constants
_OWN, _SHARED = ("alert_id = %s", "id"), ('alert_id IS NULL AND "group" = %s', "at")
_Lines = Mapping[int | str, Sequence[tuple[int, Trace]]]


def add(lines: Sequence[Trace]) -> None:
    """Append lines to the trace."""
    sql.executemany(_ADD, [[getattr(line, name) for name in _COLUMNS] for line in lines])


def of(alerts: Sequence[Alert], n: int) -> Mapping[int, tuple[Trace, ...]]:
    """Return the last `n` lines of trace of each alert and of the groups it was told with, newest first."""
    own = _last([alert.id for alert in alerts], n, *_OWN)
    shared = _last(sorted({key for alert in alerts for key in alert.groups}), n, *_SHARED)
    return {alert.id: _its_own(alert, own, shared, n) for alert in alerts}


def unmatched(since: float, n: int) -> tuple[Trace, ...]:
    """Return the last `n` signals since an instant that met no rule, newest first."""
    statement = (
        f"SELECT 0, id, {_NAMES} FROM alerts_trace"  # noqa: S608 - constants
        " WHERE alert_id IS NULL AND \"group\" = '' AND code = 'no_rule' AND at >= %s ORDER BY at DESC, id DESC LIMIT %s"
    )
    return tuple(line for _, _, line in sql.rows(_numbered, statement, (since, n)))


def _its_own(alert: Alert, own: _Lines, shared: _Lines, n: int) -> tuple[Trace, ...]:
    told = [each for key in alert.groups for each in shared[key] if each[1].at >= alert.standing.starts]
    last = sorted((*own[alert.id], *told), key=lambda numbered: numbered[0], reverse=True)
    return tuple(line for _, line in last[:n])


def _last(asked: Sequence[int | str], n: int, where: str, order: str) -> _Lines:
    """Return the last `n` numbered lines for each value that is asked for, in few statements."""
    found: dict[int | str, list[tuple[int, Trace]]] = {each: [] for each in asked}
    one = f"SELECT * FROM (SELECT %s, id, {_NAMES} FROM alerts_trace WHERE {where} ORDER BY {order} DESC LIMIT {n})"  # noqa: S608 - constants
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        values = [value for each in some for value in (each, each)]
        for about, number, line in sql.rows(_numbered, " UNION ALL ".join([one] * len(some)), values):
            found[about].append((number, line))
    return found


def _numbered(about: int | str, number: int, *columns: object) -> tuple[int | str, int, Trace]:
    """Return a row as what it is about, its place in the trace, and the line itself."""
    line = dict(zip(_COLUMNS, columns, strict=True))
    return about, number, msgspec.convert({**line, "sent": bool(line["sent"])}, Trace)
