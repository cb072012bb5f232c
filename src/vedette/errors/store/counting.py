"""Counts of events by the minute (48 hours) and by the hour (as long as anything is kept)."""

from collections.abc import Sequence
from typing import NamedTuple

from vedette.plumbing.db import sql

HOUR = 3_600.0
MINUTES_KEPT = 48 * 60
_UNITS = {"minute": 60.0, "hour": HOUR}
_CHUNK = 5_000
ISSUES = "errors"  # the family of tables of issues and projects; others count something else the same way
#: SQLite would walk every issue to spare a sort (eight times as long with 500,000 minutes).
_RECENT = "{0}_minute INDEXED BY {0}_minute_when"


class Span(NamedTuple):
    """A time in buckets of `step` seconds."""

    start: float
    end: float
    step: float


def of_projects(projects: Sequence[int]) -> list[int]:
    """Return the keys under which whole projects are counted."""
    return [-one for one in projects]


def buckets(keys: Sequence[int], start: float, end: float, step: float, of: str = ISSUES) -> list[int]:
    """Return the events of issues (or, negative, projects) in buckets of `step` seconds from `start` on.

    From minutes while they are there, the range is short and hours would not say the same, else from hours.
    """
    counts = [0] * max(0, -int(-(end - start) // step))
    if not keys or not counts:
        return counts
    for place, n in _rows(of, keys, start, end, step):
        if place < len(counts):
            counts[place] += n
    return counts


def _rows(of: str, keys: Sequence[int], start: float, end: float, step: float) -> list[tuple[int, int]]:
    """Return (bucket, events); a time without events within the minutes that are kept has none, whatever its hour had."""
    if not _finer_than_hours(start, end, step):
        return _placed(of, "hour", keys, Span(start, end, step))
    rows = _placed(of, "minute", keys, Span(start, end, step))
    return rows or _placed(of, "hour", keys, Span(start, min(end, minutes_since()), step))


def minutes_since() -> float:
    """Return the hour from which minutes are kept."""
    row = sql.query_one("SELECT min(minute) FROM errors_minute")
    return float("inf") if row is None or row[0] is None else int(row[0]) * 60.0 // HOUR * HOUR


def _finer_than_hours(start: float, end: float, step: float) -> bool:
    if step < HOUR:
        return True
    return end - start <= MINUTES_KEPT * 60 + HOUR and bool(start % HOUR or step % HOUR)


def _placed(of: str, unit: str, keys: Sequence[int], span: Span) -> list[tuple[int, int]]:
    """Return (bucket, events); what began before `start` is in the first bucket, hence `max`."""
    size, (start, end, step) = _UNITS[unit], span
    statement = (
        f"SELECT max(0, CAST(({unit} * %s - %s) / %s AS INTEGER)) AS place, sum(n) FROM {of}_{unit}"  # noqa: S608
        f" WHERE issue IN ({sql.marks(len(keys))}) AND {unit} >= %s AND {unit} < %s GROUP BY place"
    )
    rows = sql.query(statement, (size, start, step, *keys, int(start // size), -int(-end // size)))
    return [(int(place or 0), int(n or 0)) for place, n in rows]


def in_minute(key: int, minute: int) -> int:
    """Return the events of an issue (or, negative, a project) in a minute since the epoch."""
    row = sql.query_one("SELECT n FROM errors_minute WHERE issue = %s AND minute = %s", (key, minute))
    return int(row[0] or 0) if row else 0


def since_minute(key: int, minute: int) -> int:
    """Return the events of an issue from a minute since the epoch on."""
    row = sql.query_one("SELECT sum(n) FROM errors_minute WHERE issue = %s AND minute >= %s", (key, minute))
    return int(row[0] or 0) if row else 0


def hourly(issues: Sequence[int], end: float, n: int) -> dict[int, tuple[int, ...]]:
    """Return the events of each issue in the last `n` hours, the hour of `end` included, oldest first."""
    last = int(end // HOUR)
    counts = {issue: [0] * n for issue in issues}
    if issues:
        statement = (
            f"SELECT issue, hour, n FROM errors_hour WHERE issue IN ({sql.marks(len(issues))})"  # noqa: S608
            " AND hour > %s AND hour <= %s"
        )
        for issue, hour, found in sql.query(statement, (*issues, last - n, last)):
            counts[int(issue or 0)][int(hour or 0) - last + n - 1] = int(found or 0)
    return {issue: tuple(found) for issue, found in counts.items()}


def totals(start: float, end: float, issue: int | None = None, of: str = ISSUES) -> list[tuple[int, int]]:
    """Return (issue or negative project, events) of the minutes with `start` <= t < `end`."""
    source, which, values = (
        (_RECENT.format(of), "", ()) if issue is None else (f"{of}_minute", " AND issue = %s", (issue,))
    )
    statement = f"SELECT issue, sum(n) FROM {source} WHERE minute >= %s AND minute < %s{which} GROUP BY issue"  # noqa: S608
    rows = sql.query(statement, (int(start // 60), -int(-end // 60), *values))
    return [(int(found or 0), int(n or 0)) for found, n in rows]


def busiest(start: float, n: int) -> list[tuple[int, int]]:
    """Return the (issue, events) with most events since `start`."""
    rows = sql.query(
        f"SELECT issue, sum(n) FROM {_RECENT.format(ISSUES)} WHERE minute >= %s AND issue > 0 GROUP BY issue"  # noqa: S608
        " ORDER BY 2 DESC LIMIT %s",
        (int(start // 60), n),
    )
    return [(int(issue or 0), int(count or 0)) for issue, count in rows]


def forget(minutes_before: float, hours_before: float) -> int:
    """Delete minutes and hours older than these instants, in short transactions; return how many."""
    return sum(
        _forget(f"{of}_{unit}", unit, int(before // _UNITS[unit]))
        for unit, before in (("minute", minutes_before), ("hour", hours_before))
        for of in (ISSUES, "errors_group", "errors_origin")
    )


def _forget(table: str, unit: str, before: int) -> int:
    statement = f"DELETE FROM {table} WHERE (issue, {unit}) IN (SELECT issue, {unit} FROM {table} WHERE {unit} < %s LIMIT {_CHUNK})"  # noqa: S608
    gone = 0
    while dropped := sql.execute(statement, (before,)):
        gone += dropped
    return gone
