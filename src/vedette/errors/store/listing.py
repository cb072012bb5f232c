"""Lists of issues: a search becomes one bounded statement that walks an index in the order asked for.

A condition on tags, users or words is first asked for its issues. When it has few (`FEW`), these are fetched and
sorted; when it has many, the index of the order is walked and each row is looked up, which finds a page soon.
Words with very many issues are looked for among the `MOST_FOUND` newest of them.
"""

from collections.abc import Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.errors import ranks, shortid
from vedette.errors.tallying import user_hash
from vedette.errors.types import Issue, Level, Part, Query, Sort, State, Status, Term
from vedette.plumbing.db import sql
from vedette.projects.types import Project
from vedette.ui import pager

FEW = 2_000
MOST_FOUND = 20_000
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
    component: str
    parts: bytes


_SELECT = f"SELECT {', '.join(f'i.{name}' for name in _Columns.__struct_fields__)} FROM errors_issue i"  # noqa: S608 - names of our own


class Conditions:
    """What the rows of a list must meet: SQL with its values, and the ids when only few can meet it."""

    def __init__(self, sort: Sort, enough: int = FEW) -> None:
        # A plus keeps SQLite from taking another index than that of the order, and sorting all it finds there.
        self.plus = "" if sort is Sort.WORST else "+"
        self.enough = enough
        self.clauses: list[str] = []
        self.values: list[sql.Value] = []
        self.few: set[int] | None = None

    def add(self, clause: str, *values: sql.Value) -> None:
        """Add a condition; a row must meet all."""
        self.clauses.append(clause)
        self.values += values

    def narrow(self, ids: set[int]) -> None:
        """Say that only these issues can meet a condition."""
        self.few = ids if self.few is None else self.few & ids

    @property
    def where(self) -> str:
        """Return the conditions as a WHERE clause."""
        return f"WHERE {' AND '.join(self.clauses)}" if self.clauses else ""


def page(
    query: Query,
    projects: dict[int, Project],
    *,
    project: int | None,
    sort: Sort,
    cursor: str | None,
    n: int,
    few: int = FEW,
) -> tuple[list[Issue], str | None]:
    """Return up to `n` issues and the cursor of the next page; `few` is how many ids count as few."""
    met = Conditions(sort, few)
    if project is not None:
        met.add("i.project = %s", project)
    for term in query.terms:
        _add_term(met, term)
    columns = _ORDERS[sort]
    if cursor is not None:
        place = _place(cursor, columns)
        names = ", ".join(f"i.{name}" for name in (*columns, "id"))
        met.add(f"({names}) < ({sql.marks(len(place))})", *place)
    if met.few is not None:
        if not met.few:
            return [], None
        met.add(f"i.id IN ({','.join(map(str, sorted(met.few)))})")
    order = ", ".join(f"i.{name} DESC" for name in (*columns, "id"))
    statement = f"{_SELECT} {met.where} ORDER BY {order} LIMIT %s"
    found = [_issue(row, projects) for row in sql.rows(_Columns, statement, (*met.values, n + 1))]
    if len(found) <= n:
        return found, None
    last = found[n - 1]
    first = {"rank": ranks.rank(last.state, last.level)}
    return found[:n], pager.encode(*(first.get(c, getattr(last, c, 0)) for c in columns), last.id)


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


def states(project: int | None) -> dict[State, int]:
    """Return how many issues are in each state."""
    where, values = ("", ()) if project is None else ("WHERE project = %s", (project,))
    statement = f"SELECT rank / 8, count(*) FROM errors_issue {where} GROUP BY 1"  # noqa: S608
    found = {ranks.of(int(place or 0) * 8): int(n or 0) for place, n in sql.query(statement, values)}
    return {state: found.get(state, 0) for state in State}


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
        component=row.component, parts=_PARTS(row.parts),
    )  # fmt: skip


def _left(until: int | None, now: int) -> int | None:
    return None if until is None else max(0, until - now)


def _add_term(met: Conditions, term: Term) -> None:
    match term.key:
        case "is":
            _add_is(met, term)
        case "level":
            _add_known(
                met,
                term,
                "SELECT id FROM errors_issue WHERE level = %s",
                (term.value,),
                f"{met.plus}i.level = %s",
            )
        case "assignee":
            _add_assignee(met, term)
        case "type":
            _add_known(met, term, "SELECT id FROM errors_issue WHERE kind = %s", (term.value,), "i.kind = %s")
        case "user":
            _add_user(met, term)
        case "text":
            _add_text(met, term)
        case _:
            _add_tag(met, term.tag or term.key, term)


def _add_is(met: Conditions, term: Term) -> None:
    plain: dict[str, tuple[str, tuple[sql.Value, ...]]] = {
        "open": (f"{met.plus}i.rank >= %s", (ranks.OPEN,)),
        "assigned": ("i.assignee IS NOT NULL", ()),
        "unassigned": ("i.assignee IS NULL", ()),
        "handled": ("i.handled IS 1", ()),
        "unhandled": ("i.handled IS 0", ()),
    }
    if term.value in plain:
        clause, values = plain[term.value]
        met.add(f"NOT ({clause})" if term.negated else clause, *values)
        return
    span = ranks.span(State(term.value))
    ids = "SELECT id FROM errors_issue WHERE rank BETWEEN %s AND %s"
    _add_known(met, term, ids, span, f"{met.plus}i.rank BETWEEN %s AND %s")


def _add_assignee(met: Conditions, term: Term) -> None:
    if not term.value.isdecimal():
        met.add("0" if not term.negated else "1")
        return
    same = "i.assignee IS NOT %s" if term.negated else "i.assignee = %s"
    met.add(same, int(term.value))


def _add_user(met: Conditions, term: Term) -> None:
    """A user is named by any label: as it stands, or as an id, name, e-mail or address."""
    labels = (term.value, *(f"{kind}:{term.value}" for kind in ("id", "username", "email", "ip")))
    hashes = [user_hash(label) for label in labels]
    inside = f"user IN ({sql.marks(len(hashes))})"
    _add_known(
        met, term, f"SELECT issue FROM errors_user WHERE {inside}", hashes,  # noqa: S608
        f"EXISTS (SELECT 1 FROM errors_user u WHERE u.issue = i.id AND u.{inside})",  # noqa: S608
    )  # fmt: skip


def _add_tag(met: Conditions, key: str, term: Term) -> None:
    _add_known(
        met, term, "SELECT issue FROM errors_tag WHERE key = %s AND value = %s", (key, term.value),
        "EXISTS (SELECT 1 FROM errors_tag t WHERE t.issue = i.id AND t.key = %s AND t.value = %s)",
    )  # fmt: skip


def _add_text(met: Conditions, term: Term) -> None:
    words = fts(term.value)
    found = "SELECT rowid FROM errors_search WHERE errors_search MATCH %s"
    newest = f"{found} ORDER BY rowid DESC LIMIT {MOST_FOUND}"
    _add_known(met, term, found, (words,), f"+i.id IN ({newest})")


def fts(text: str) -> str:
    """Return the FTS5 expression for a text: its words in order, the last one possibly only begun."""
    return '"' + text.replace('"', '""') + '"' + ("*" if text[-1:].isalnum() else "")


def _add_known(met: Conditions, term: Term, ids: str, values: Sequence[sql.Value], clause: str) -> None:
    """Add a condition that has a list of issues: narrow to them when they are few, else look each row up."""
    if term.negated:
        met.add(f"NOT ({clause})", *values)
        return
    found = sql.query(f"{ids} LIMIT {met.enough + 1}", values)
    if len(found) <= met.enough:
        met.narrow({int(row[0] or 0) for row in found})
    else:
        met.add(clause, *values)
