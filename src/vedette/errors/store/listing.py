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
_OPEN = ranks.of_states(State.NEW, State.REGRESSED, State.ONGOING)
_RANKS = {"open": _OPEN, **{str(state): ranks.of_states(state) for state in State}}
# What a group of a merged issue is found by leads to that issue.
_OWNER = "coalesce((SELECT g.issue FROM errors_group g WHERE g.id = s.rowid), s.rowid)"
_FOUND = f"SELECT {_OWNER} AS id FROM errors_search s WHERE errors_search MATCH %s ORDER BY s.rowid DESC LIMIT {MOST_FOUND}"  # noqa: S608
_IDS = msgspec.json.Decoder(list[int]).decode
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
        self.ranks = ranks.ALL
        self.words: list[str] = []

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
    _add_ranks(met)
    _add_words(met)
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
        component=row.component, parts=_PARTS(row.parts),
    )  # fmt: skip


def _left(until: int | None, now: int) -> int | None:
    return None if until is None else max(0, until - now)


def _add_term(met: Conditions, term: Term) -> None:
    match term.key:
        case "is" if term.value in _RANKS:
            met.ranks &= ranks.ALL - _RANKS[term.value] if term.negated else _RANKS[term.value]
        case "is":
            _add_is(met, term)
        case "level":
            named = ranks.of_level(Level(term.value))
            met.ranks &= ranks.ALL - named if term.negated else named
        case "assignee":
            _add_assignee(met, term)
        case "type":
            _add_known(
                met, term, "SELECT id FROM errors_issue WHERE kind = %s", (term.value,), "+i.kind = %s"
            )
        case "user":
            _add_user(met, term)
        case "text":
            _add_text(met, term)
        case _:
            _add_tag(met, term.tag or term.key, term)


def _add_is(met: Conditions, term: Term) -> None:
    assigned = "SELECT id FROM errors_issue WHERE assignee IS NOT NULL"
    match term.value:
        case "assigned":
            _add_known(met, term, assigned, (), "i.assignee IS NOT NULL")
        case "unassigned":
            turned = msgspec.structs.replace(term, negated=not term.negated)
            _add_known(met, turned, assigned, (), "i.assignee IS NOT NULL")
        case handled:
            met.add(f"i.handled {'IS NOT' if term.negated else 'IS'} %s", 1 if handled == "handled" else 0)


def _add_ranks(met: Conditions) -> None:
    """State and level are one number: conditions on both together are few, or many, as one."""
    if met.ranks == ranks.ALL:
        return
    if not met.ranks:
        met.narrow(set())
        return
    inside = f"IN ({', '.join(map(str, sorted(met.ranks)))})"
    if not _narrowed(met, f"SELECT id FROM errors_issue WHERE rank {inside}", ()):  # noqa: S608
        met.add(f"{met.plus}i.rank BETWEEN %s AND %s", min(met.ranks), max(met.ranks))
        met.add(f"+i.rank {inside}")


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
    if term.negated:
        met.add(f"+i.id NOT IN ({_FOUND})", fts(term.value))
    else:
        met.words.append(fts(term.value))


def _add_words(met: Conditions) -> None:
    """All words are asked for at once: together they are rarer than each."""
    if not met.words:
        return
    found = _with_words(" AND ".join(met.words))
    if len(found) <= met.enough:
        met.narrow(set(found))
    else:
        met.add("+i.id IN (SELECT value FROM json_each(%s))", msgspec.json.encode(found).decode())


def _with_words(asked: str) -> list[int]:
    """Return the issues with these words, the oldest first.

    They are asked for once, and come as one text: a word only begun is gathered anew for each statement, which costs
    more than the rest, and so do rows that become objects, and a set that SQLite fills from its end.
    """
    row = sql.query_one(f"SELECT json_group_array(id) FROM ({_FOUND})", (asked,))  # noqa: S608
    return _IDS(str(row[0]))[::-1] if row else []


def fts(text: str) -> str:
    """Return the FTS5 expression for a text: its words in order, the last one possibly only begun."""
    return '"' + text.replace('"', '""') + '"' + ("*" if text[-1:].isalnum() else "")


def _add_known(met: Conditions, term: Term, ids: str, values: Sequence[sql.Value], clause: str) -> None:
    """Add a condition that has a list of issues: narrow to them when they are few, else look each row up."""
    if term.negated:
        met.add(f"NOT ({clause})", *values)
        return
    if not _narrowed(met, ids, values):
        met.add(clause, *values)


def _narrowed(met: Conditions, ids: str, values: Sequence[sql.Value]) -> bool:
    """Narrow to the issues of a list when they are few; tell whether they are."""
    found = sql.query(f"{ids} LIMIT {met.enough + 1}", values)
    if len(found) > met.enough:
        return False
    met.narrow({int(row[0] or 0) for row in found})
    return True
