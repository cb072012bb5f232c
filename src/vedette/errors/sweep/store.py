"""Every issue of a search, whatever the order: how many there are, and which."""

from vedette.errors.store import conditions
from vedette.errors.store.conditions import Conditions, where
from vedette.errors.types import Query, Sort
from vedette.plumbing.db import sql


def count(query: Query, project: int | None, now: float) -> int:
    """Return how many issues meet a search."""
    met = _met(query, project, now)
    row = sql.query_one(f"SELECT count(*) FROM errors_issue i {_asked(met)}", (*met.bounds, *met.values))  # noqa: S608
    return int(row[0] or 0) if row else 0


def ids(query: Query, project: int | None, newest: int, now: float, most: int) -> list[int]:
    """Return the ids of up to `most` issues that meet a search, the oldest first, none after `newest`."""
    met = _met(query, project, now)
    met.add("+i.id <= %s", newest)
    statement = f"SELECT i.id FROM errors_issue i {_asked(met)} LIMIT %s"  # noqa: S608
    return sorted(int(row[0] or 0) for row in sql.query(statement, (*met.bounds, *met.values, most)))


def newest() -> int:
    """Return the id of the newest issue; 0 when there is none."""
    row = sql.query_one("SELECT max(id) FROM errors_issue")
    return int(row[0] or 0) if row else 0


def _met(query: Query, project: int | None, now: float) -> Conditions:
    """Return the conditions with every list gathered: all rows are wanted, so no order is walked."""
    met = conditions.of(query, project, Sort.WORST, now)
    if met.few is None:
        met.gather()
    met.settle()
    return met


def _asked(met: Conditions) -> str:
    return where([*met.inside, *met.clauses])
