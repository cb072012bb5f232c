"""Lists of issues: a search becomes one bounded statement that walks an index in the order asked for."""

from collections.abc import Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.errors import ranks, shortid
from vedette.errors.store import conditions
from vedette.errors.store.conditions import FEW, Conditions, where
from vedette.errors.types import Issue, Level, Part, Query, Sort, State, Status
from vedette.plumbing.db import sql
from vedette.projects.types import Project
from vedette.ui import pager

SHORT_WALK = 2_000
_GONE = Project(0, "deleted", "Deleted project", "other", 0.0)
_PARTS = msgspec.msgpack.Decoder(tuple[Part, ...]).decode
_ORDERS: dict[Sort, tuple[str, ...]] = {
    Sort.WORST: ("rank", "last_seen"),
    Sort.LAST_SEEN: ("last_seen",),
    Sort.FIRST_SEEN: ("first_seen",),
    Sort.EVENTS: ("events",),
    Sort.USERS: ("users",),
}
_STATUSES = {State.RESOLVED: Status.RESOLVED, State.MUTED: Status.MUTED}


class _Columns(msgspec.Struct, frozen=True):
    """A row of `errors_issue`, its columns in the order they are asked for."""

    id: int
    project: int
    number: int
    state: str
    level: str
    title: str
    kind: str
    message: str
    culprit: str
    platform: str
    logger: str
    handled: int | None
    first_seen: float
    last_seen: float
    events: int
    users: int
    first_release: str
    last_release: str
    assignee: int | None
    changed_at: float
    muted_until: float | None
    mute_events: int | None
    mute_users: int | None
    mute_usual: int | None
    fixed_after: str | None
    fixed_in: str | None
    component: str
    parts: bytes


_NAMES = ", ".join(f"i.{name}" for name in _Columns.__struct_fields__)
_SELECT = f"SELECT {_NAMES} FROM errors_issue i"  # noqa: S608 - names of our own


def page(
    query: Query,
    projects: dict[int, Project],
    *,
    project: int | None,
    sort: Sort,
    cursor: str | None,
    n: int,
    now: float,
    few: int = FEW,
) -> tuple[list[Issue], str | None]:
    """Return up to `n` issues and the cursor of the next page; `few` is how many ids count as few."""
    met = conditions.of(query, project, sort, now, few)
    columns = _ORDERS[sort]
    if cursor is not None:
        place = _place(cursor, columns)
        names = ", ".join(f"i.{name}" for name in (*columns, "id"))
        met.bound(f"({names}) < ({sql.marks(len(place))})", *place)
    order = ", ".join(f"i.{name} DESC" for name in (*columns, "id"))
    found = [_issue(row, projects) for row in _rows(met, order, n + 1)]
    if len(found) <= n:
        return found, None
    last = found[n - 1]
    first = {"rank": ranks.rank(last.state, last.level)}
    return found[:n], pager.encode(*(first.get(c, getattr(last, c, 0)) for c in columns), last.id)


def _rows(met: Conditions, order: str, n: int) -> list[_Columns]:
    """Return the first rows that meet the conditions, soon whatever they are.

    Where many issues meet a condition, a short walk in the order finds a page of them. Where it does not, what is
    asked for stands elsewhere in the order: then its issues are gathered and sorted.
    """
    if met.few is None and met.lists:
        # A subquery with a limit is walked row by row, in its order, until the outer limit is reached.
        walk = f"SELECT * FROM errors_issue i {where(met.inside)} ORDER BY {order} LIMIT {SHORT_WALK}"  # noqa: S608
        statement = f"SELECT {_NAMES} FROM ({walk}) i {where(met.clauses)} LIMIT %s"  # noqa: S608
        found = sql.rows(_Columns, statement, (*met.bounds, *met.values, n))
        if len(found) == n:
            return found
        met.gather()
    met.settle()
    statement = f"{_SELECT} {where([*met.inside, *met.clauses])} ORDER BY {order} LIMIT %s"
    return sql.rows(_Columns, statement, (*met.bounds, *met.values, n))


def _place(cursor: str, columns: Sequence[str]) -> tuple[float, ...]:
    place = pager.decode(cursor, tuple[float, ...])
    if len(place) != len(columns) + 1:
        raise Invalid("The cursor belongs to another order of the list; start from the first page.")
    return place


def by_id(ids: Sequence[int], projects: dict[int, Project]) -> dict[int, Issue]:
    """Return issues by id."""
    if not ids:
        return {}
    statement = f"{_SELECT} WHERE i.id IN ({sql.marks(len(ids))})"
    found = [_issue(row, projects) for row in sql.rows(_Columns, statement, ids)]
    return {issue.id: issue for issue in found}


def by_number(project: Project, number: int) -> Issue | None:
    """Return an issue of a project by its number."""
    statement = f"{_SELECT} WHERE i.project = %s AND i.number = %s"
    row = sql.row(_Columns, statement, (project.id, number)) if number < 2**31 else None
    return _issue(row, {project.id: project}) if row else None


def by_numbers(project: Project, ranges: Sequence[range], n: int) -> list[Issue]:
    """Return the first `n` issues of a project whose numbers are in the ranges, smallest first within each."""
    statement = f"{_SELECT} WHERE i.project = %s AND i.number BETWEEN %s AND %s ORDER BY i.number LIMIT %s"
    found: list[_Columns] = []
    for wanted in ranges:
        if len(found) < n and wanted.start < 2**31:
            values = (project.id, wanted.start, wanted.stop - 1, n - len(found))
            found += sql.rows(_Columns, statement, values)
    return [_issue(row, {project.id: project}) for row in found]


def states(project: int | None) -> dict[State, int]:
    """Return how many issues are in each state."""
    if project is None:
        return _states_of_all()
    found = dict.fromkeys(State, 0)
    statement = "SELECT rank, count(*) FROM errors_issue WHERE project = %s GROUP BY rank"
    for rank, n in sql.query(statement, (project,)):
        found[ranks.of(int(rank or 0))] += int(n or 0)
    return found


def _states_of_all() -> dict[State, int]:
    """Most issues are ongoing, so these are what is left of all, which SQLite counts by whole pages."""
    parts = [(state, sorted(ranks.of_states(state))) for state in State if state is not State.ONGOING]
    each = [f"(SELECT count(*) FROM errors_issue WHERE rank BETWEEN {of[0]} AND {of[-1]})" for _, of in parts]  # noqa: S608
    row = sql.query_one(f"SELECT (SELECT count(*) FROM errors_issue), {', '.join(each)}") or ()  # noqa: S608
    whole, *counts = (int(n or 0) for n in row)
    found: dict[State, int] = dict.fromkeys(State, whole - sum(counts))
    found.update((state, n) for (state, _), n in zip(parts, counts, strict=True))
    return found


def names(ids: Sequence[int]) -> list[tuple[int, int, int, str]]:
    """Return (id, project, number, title) of issues: what a label needs, for very many."""
    statement = (
        "SELECT id, project, number, title FROM errors_issue WHERE id IN (SELECT value FROM json_each(%s))"
    )
    return sql.rows(lambda *row: row, statement, (f"[{','.join(map(str, ids))}]",))


def _issue(row: _Columns, projects: dict[int, Project]) -> Issue:
    project = projects.get(row.project, _GONE)
    state = State(row.state)
    return Issue(
        id=row.id, short_id=shortid.short_id(project.slug, row.number), project=row.project, project_slug=project.slug,
        project_name=project.name, status=_STATUSES.get(state, Status.OPEN), state=state, level=Level(row.level),
        title=row.title, kind=row.kind, message=row.message, culprit=row.culprit, platform=row.platform,
        logger=row.logger, handled=None if row.handled is None else bool(row.handled), first_seen=row.first_seen,
        last_seen=row.last_seen, events=row.events, users=row.users, first_release=row.first_release,
        last_release=row.last_release, assignee=row.assignee, changed_at=row.changed_at, muted_until=row.muted_until,
        mute_events=_left(row.mute_events, row.events), mute_users=_left(row.mute_users, row.users),
        mute_usual=row.mute_usual, fixed_after=row.fixed_after, fixed_in=row.fixed_in,
        component=row.component, parts=_PARTS(row.parts),
    )  # fmt: skip


def _left(until: int | None, now: int) -> int | None:
    return None if until is None else max(0, until - now)
