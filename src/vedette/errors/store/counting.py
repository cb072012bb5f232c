"""Counts of events by the minute (48 hours) and by the hour (as long as anything is kept)."""

from collections.abc import Sequence

from vedette.plumbing.db import sql

HOUR = 3_600.0
MINUTES_KEPT = 48 * 60
_CHUNK = 5_000


def projects_of(project: int | None, known: Sequence[int]) -> list[int]:
    """Return the keys under which whole projects are counted: one, or all known."""
    return [-project] if project is not None else [-one for one in known]


def buckets(keys: Sequence[int], start: float, end: float, step: float) -> list[int]:
    """Return the events of issues (or, negative, projects) in buckets of `step` seconds from `start` on.

    From minutes while they are there and the range is short, else from hours.
    """
    counts = [0] * max(0, -int(-(end - start) // step))
    if not keys or not counts:
        return counts
    if end - start <= MINUTES_KEPT * 60 + HOUR or step < HOUR:
        found = _counts("minute", 60.0, keys, start, end)
        if found:
            return _filled(counts, found, start, step)
    return _filled(counts, _counts("hour", HOUR, keys, start, end), start, step)


def _counts(unit: str, size: float, keys: Sequence[int], start: float, end: float) -> list[tuple[float, int]]:
    """Return (instant, events) of the units that have any."""
    statement = (
        f"SELECT {unit}, sum(n) FROM errors_{unit} WHERE issue IN ({sql.marks(len(keys))})"  # noqa: S608
        f" AND {unit} >= %s AND {unit} < %s GROUP BY {unit}"
    )
    rows = sql.query(statement, (*keys, int(start // size), -int(-end // size)))
    return [(int(when or 0) * size, int(n or 0)) for when, n in rows]


def _filled(counts: list[int], found: Sequence[tuple[float, int]], start: float, step: float) -> list[int]:
    for at, n in found:
        place = max(0, int((at - start) // step))
        if place < len(counts):
            counts[place] += n
    return counts


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


def totals(start: float, end: float, issue: int | None = None) -> list[tuple[int, int]]:
    """Return (issue or negative project, events) of the minutes with `start` <= t < `end`."""
    which, values = ("", ()) if issue is None else (" AND issue = %s", (issue,))
    statement = (
        f"SELECT issue, sum(n) FROM errors_minute WHERE minute >= %s AND minute < %s{which} GROUP BY issue"  # noqa: S608
    )
    rows = sql.query(statement, (int(start // 60), -int(-end // 60), *values))
    return [(int(found or 0), int(n or 0)) for found, n in rows]


def busiest(start: float, n: int) -> list[tuple[int, int]]:
    """Return the (issue, events) with most events since `start`."""
    rows = sql.query(
        "SELECT issue, sum(n) FROM errors_minute WHERE minute >= %s AND issue > 0 GROUP BY issue"
        " ORDER BY 2 DESC LIMIT %s",
        (int(start // 60), n),
    )
    return [(int(issue or 0), int(count or 0)) for issue, count in rows]


def forget(minutes_before: float, hours_before: float) -> int:
    """Delete minutes and hours older than these instants, in short transactions; return how many."""
    gone = 0
    for unit, size, before in (("minute", 60.0, minutes_before), ("hour", HOUR, hours_before)):
        statement = (
            f"DELETE FROM errors_{unit} WHERE (issue, {unit}) IN"  # noqa: S608
            f" (SELECT issue, {unit} FROM errors_{unit} WHERE {unit} < %s LIMIT {_CHUNK})"
        )
        while dropped := sql.execute(statement, (int(before // size),)):
            gone += dropped
    return gone
