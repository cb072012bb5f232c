"""Sums of events over any time: by the minute while minutes are there, by the hour before."""

from collections.abc import Sequence

from vedette.errors.store import counting
from vedette.plumbing.db import sql

HOUR = 3_600.0


def totals(start: float, end: float, of: str = counting.ISSUES) -> list[tuple[int, float]]:
    """Return (issue or negative project, events) of `start` <= t < `end`.

    Of an hour that lies in it only in part, and whose minutes are gone, that part of its events is taken.
    """
    edge = counting.minutes_since()
    found: dict[int, float] = {}
    if end > edge:
        found = {key: float(n) for key, n in counting.totals(max(start, edge), end, of=of)}
    if start < edge:
        for key, n in _hours(start, min(end, edge), of):
            found[key] = found.get(key, 0.0) + n
    return list(found.items())


def ids(project: int | None, level: str) -> list[int]:
    """Return the ids of the issues of a project (None: of all) that are of a level."""
    of_project, values = ("", ()) if project is None else (" AND project = %s", (project,))
    statement = f"SELECT id FROM errors_issue WHERE level = %s{of_project}"  # noqa: S608 - a text of our own
    return [int(row[0] or 0) for row in sql.query(statement, (level, *values))]


def levels(issues: Sequence[int]) -> dict[int, str]:
    """Return the level of each issue."""
    statement = "SELECT id, level FROM errors_issue WHERE id IN (SELECT value FROM json_each(%s))"
    rows = sql.query(statement, (f"[{','.join(map(str, issues))}]",))
    return {int(one or 0): str(level) for one, level in rows}


def _hours(start: float, end: float, of: str) -> list[tuple[int, float]]:
    statement = f"""SELECT issue, sum(n * (min(%s, (hour + 1) * %s) - max(%s, hour * %s)) / %s)
        FROM {of}_hour WHERE hour >= %s AND hour < %s GROUP BY issue"""  # noqa: S608 - names of our own
    bounds = (int(start // HOUR), -int(-end // HOUR))
    rows = sql.query(statement, (end, HOUR, start, HOUR, HOUR, *bounds))
    return [(int(key or 0), float(n or 0)) for key, n in rows]
