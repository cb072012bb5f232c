"""Counts of events by environment and release, for each project. Within the caller's transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.errors.origins import naming
from vedette.errors.origins.naming import DAY_HOURS, OTHER, Origin
from vedette.errors.tallying import Tally
from vedette.plumbing.db import sql

TABLES = "errors_origin"  # as `counting` names a family of minutes and hours
_KNOWN = "SELECT environment, release, id FROM errors_origin WHERE project = %s"
_ADD = "INSERT OR IGNORE INTO errors_origin (project, environment, release) VALUES (%s, %s, %s)"
Minutes = Counter[tuple[Origin, int]]


class Counted(msgspec.Struct, frozen=True):
    """An origin that is counted: its key, and the project (its id) it is one of."""

    key: int
    project: int
    origin: Origin


def count(tallies: Iterable[Tally]) -> None:
    """Add the events of a batch to the minutes and hours of their origins."""
    by_project: dict[int, Minutes] = {}
    for tally in tallies:
        minutes = by_project.setdefault(tally.project, Counter())
        for (environment, release, minute), n in tally.origins.items():
            minutes[naming.origin(environment, release), minute] += n
    rows = [row for project, minutes in by_project.items() for row in _keyed(project, minutes)]
    hours: Counter[tuple[int, int]] = Counter()
    for key, minute, n in rows:
        hours[key, minute // 60] += n
    _add("minute", rows)
    _add("hour", [(key, hour, n) for (key, hour), n in hours.items()])


def all_counted() -> list[Counted]:
    """Return every origin that is counted."""
    statement = "SELECT id, project, environment, release FROM errors_origin ORDER BY id"
    return sql.rows(lambda key, project, *names: Counted(key, project, Origin(*names)), statement)


def forget_idle() -> int:
    """Delete the origins of which no hour is kept any more; return how many."""
    return sql.execute("DELETE FROM errors_origin WHERE id NOT IN (SELECT issue FROM errors_origin_hour)")


def forget_project(project: int) -> None:
    """Delete what is counted of a project, in the caller's transaction."""
    own = "SELECT id FROM errors_origin WHERE project = %s"
    for unit in ("minute", "hour"):
        sql.execute(f"DELETE FROM errors_origin_{unit} WHERE issue IN ({own})", (project,))  # noqa: S608
    sql.execute("DELETE FROM errors_origin WHERE project = %s", (project,))


def _keyed(project: int, minutes: Minutes) -> list[tuple[int, int, int]]:
    """Return (key, minute, events), each under the name by which it is counted."""
    came: Counter[Origin] = Counter()
    for (one, _), n in minutes.items():
        came[one] += n
    keys = _keys(project)
    if came.keys() <= keys.keys():
        names: Mapping[Origin, Origin] = {}
    else:
        names = _settled(project, keys, came, max(minute for _, minute in minutes) // 60)
        keys = _keys(project)
    found: Counter[tuple[int, int]] = Counter()
    for (one, minute), n in minutes.items():
        found[keys[names.get(one, one)], minute] += n
    return [(key, minute, n) for (key, minute), n in found.items()]


def _settled(
    project: int, keys: Mapping[Origin, int], came: Mapping[Origin, int], hour: int
) -> Mapping[Origin, Origin]:
    """Take new origins in, fold those that make room for them, and return by which name each is counted."""
    recent = dict(_recent([key for one, key in keys.items() if one != OTHER], hour - DAY_HOURS))
    known = {one: recent.get(key, 0) for one, key in keys.items() if one != OTHER}
    settled = naming.settle(known, came)
    rows = [(project, one.environment, one.release) for one in (*settled.fresh, OTHER)]
    sql.executemany(_ADD, rows)
    if settled.gone:
        _fold([keys[one] for one in settled.gone], _keys(project)[OTHER])
    return settled.names


def _keys(project: int) -> dict[Origin, int]:
    return dict(
        sql.rows(lambda environment, release, key: (Origin(environment, release), key), _KNOWN, (project,))
    )


def _recent(keys: Sequence[int], after: int) -> list[tuple[int, int]]:
    """Return (key, events) of the hours past `after`; at most as many keys as are counted of one project."""
    statement = f"SELECT issue, sum(n) FROM errors_origin_hour WHERE hour > %s AND issue IN ({sql.marks(len(keys))}) GROUP BY issue"  # noqa: S608 - marks
    return sql.rows(lambda key, n: (key, n), statement, (after, *keys))


def _fold(gone: Sequence[int], rest: int) -> None:
    """Add what was counted of origins to the rest, and forget them."""
    marks = sql.marks(len(gone))
    for unit in ("minute", "hour"):
        table = f"errors_origin_{unit}"
        sql.execute(
            f"INSERT INTO {table} (issue, {unit}, n) SELECT %s, {unit}, sum(n) FROM {table}"  # noqa: S608 - our own names
            f" WHERE issue IN ({marks}) GROUP BY {unit} ON CONFLICT (issue, {unit}) DO UPDATE SET n = n + excluded.n",
            (rest, *gone),
        )
        sql.execute(f"DELETE FROM {table} WHERE issue IN ({marks})", gone)  # noqa: S608 - our own names
    sql.execute(f"DELETE FROM errors_origin WHERE id IN ({marks})", gone)  # noqa: S608 - marks


def _add(unit: str, rows: Sequence[tuple[int, int, int]]) -> None:
    sql.executemany(
        f"INSERT INTO errors_origin_{unit} (issue, {unit}, n) VALUES (%s, %s, %s)"  # noqa: S608 - names of our own
        f" ON CONFLICT (issue, {unit}) DO UPDATE SET n = n + excluded.n",
        rows,
    )
