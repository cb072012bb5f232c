"""What a search asks of issues, as conditions of bounded statements.

A condition on tags, users, amounts or words is first asked for its issues. When it has few (`FEW`), these are fetched
and sorted; when it has many, the index of the order is walked and each row is looked up, which finds a page soon, or
else is given up for the lists of issues after all (`gather`).
Words with very many issues are looked for among the `MOST_FOUND` newest of them.
"""

from collections.abc import Callable, Sequence

import msgspec

from vedette.errors import amounts, ranks
from vedette.errors.amounts import Between
from vedette.errors.tallying import user_hash
from vedette.errors.types import Level, Query, Sort, State, Term
from vedette.plumbing.db import sql

FEW = 2_000
MOST_FOUND = 20_000
_OPEN = ranks.of_states(State.NEW, State.REGRESSED, State.ESCALATING, State.ONGOING)
_RANKS = {"open": _OPEN, **{str(state): ranks.of_states(state) for state in State}}
# What a group of a merged issue is found by leads to that issue.
_OWNER = "coalesce((SELECT g.issue FROM errors_group g WHERE g.id = s.rowid), s.rowid)"
_FOUND = f"SELECT {_OWNER} AS id FROM errors_search s WHERE errors_search MATCH %s ORDER BY s.rowid DESC LIMIT {MOST_FOUND}"  # noqa: S608
_IDS = msgspec.json.Decoder(list[int]).decode
_ALL = -1
_LAST = "\U0010ffff"
_COUNTED = {"times": "events", "users": "users"}
_COLUMNS = {"type": "kind", "platform": "platform"}
_TIMED = {"first-seen": "first_seen", "last-seen": "last_seen"}


class Conditions:
    """What the rows of a list must meet: SQL with its values, and the ids when only few can meet it."""

    def __init__(self, sort: Sort, now: float, enough: int = FEW) -> None:
        self.sort = sort
        self.now = now
        # A plus keeps SQLite from taking another index than that of the order, and sorting all it finds there.
        self.plus = "" if sort is Sort.WORST else "+"
        self.enough = enough
        self.inside: list[str] = []
        self.bounds: list[sql.Value] = []
        self.clauses: list[str] = []
        self.values: list[sql.Value] = []
        self.lists: list[tuple[str, Sequence[sql.Value], bool]] = []
        self.few: set[int] | None = None
        self.ranks = ranks.ALL
        self.words: list[str] = []

    def bound(self, clause: str, *values: sql.Value) -> None:
        """Add a condition with which the walk itself begins or ends."""
        self.inside.append(clause)
        self.bounds += values

    def add(self, clause: str, *values: sql.Value) -> None:
        """Add a condition that each row is asked; a row must meet all."""
        self.clauses.append(clause)
        self.values += values

    def narrow(self, ids: set[int]) -> None:
        """Say that only these issues can meet a condition."""
        self.few = ids if self.few is None else self.few & ids

    def gather(self) -> None:
        """Ask every condition with many issues for all of them: dear, and the same whatever the order."""
        for statement, values, negated in self.lists:
            found = _without(statement, values) if negated else _ids_of(statement, values)
            if len(found) <= MOST_FOUND:
                self.narrow(set(found))

    def settle(self) -> None:
        """Ask each row whether it is among the few issues that can meet a condition."""
        if self.few is not None:
            self.add(
                "i.id IN (SELECT value FROM json_each(%s))", msgspec.json.encode(sorted(self.few)).decode()
            )


def of(query: Query, project: int | None, sort: Sort, now: float, few: int = FEW) -> Conditions:
    """Return what the issues of a search must meet; `few` is how many ids count as few."""
    met = Conditions(sort, now, few)
    if project is not None:
        met.bound("i.project = %s", project)
    for term in query.terms:
        add_term(met, term)
    finish(met)
    return met


def where(clauses: Sequence[str]) -> str:
    """Return conditions as a WHERE clause."""
    return f"WHERE {' AND '.join(clauses)}" if clauses else ""


def _ids_of(statement: str, values: Sequence[sql.Value], most: int = MOST_FOUND + 1) -> list[int]:
    """Return the ids of a list, which come as one text: rows that become objects cost more than the rest."""
    listed = f"SELECT 0 AS id WHERE 0 UNION ALL {statement} LIMIT {most}"
    row = sql.query_one(f"SELECT json_group_array(id) FROM ({listed})", values)  # noqa: S608
    return _IDS(str(row[0])) if row else []


def _without(statement: str, values: Sequence[sql.Value]) -> set[int]:
    """Return the ids that are not in a list."""
    every = "SELECT id FROM errors_issue"
    return set(_ids_of(every, (), _ALL)) - set(_ids_of(statement, values, _ALL))


def add_term(met: Conditions, term: Term) -> None:
    """Add what a term of a search asks for; `finish` must follow the last one."""
    _ADDERS.get(term.key, _add_any_tag)(met, term)


def finish(met: Conditions) -> None:
    """Add what several terms asked for together: state and level, and words."""
    _add_ranks(met)
    _add_words(met)


def _add_ranks(met: Conditions) -> None:
    """State and level are one number: conditions on both together are few, or many, as one."""
    if met.ranks == ranks.ALL:
        return
    if not met.ranks:
        met.narrow(set())
        return
    inside = f"IN ({', '.join(map(str, sorted(met.ranks)))})"
    if not _narrowed(met, f"SELECT id FROM errors_issue WHERE rank {inside}", ()):  # noqa: S608
        add = met.add if met.plus else met.bound
        add(f"{met.plus}i.rank BETWEEN %s AND %s", min(met.ranks), max(met.ranks))
        met.add(f"+i.rank {inside}")


def _add_assignee(met: Conditions, term: Term) -> None:
    if not term.value.isdecimal():
        met.add("0" if not term.negated else "1")
        return
    same = "i.assignee IS NOT %s" if term.negated else "i.assignee = %s"
    met.add(same, int(term.value))


def _add_rank(met: Conditions, term: Term) -> None:
    named = ranks.of_level(Level(term.value)) if term.key == "level" else _RANKS.get(term.value)
    if named is None:
        _add_is(met, term)
    else:
        met.ranks &= ranks.ALL - named if term.negated else named


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


def _add_number(met: Conditions, term: Term) -> None:
    _add_between(met, term, _COUNTED[term.key], amounts.numbers(term.value))


def _add_instant(met: Conditions, term: Term) -> None:
    _add_between(met, term, _TIMED[term.key], amounts.instants(term.value, met.now))


def _add_between(met: Conditions, term: Term, column: str, asked: Between) -> None:
    """Add bounds of a column; in the order of that column the walk itself begins and ends at them."""
    bounds = [(sign, value) for sign, value in ((">=", asked.low), ("<", asked.high)) if value is not None]
    values = [value for _, value in bounds]
    inside = " AND ".join(f"{column} {sign} %s" for sign, _ in bounds)
    clause = " AND ".join(f"i.{column} {sign} %s" for sign, _ in bounds)
    if met.sort == column and not term.negated:
        met.bound(clause, *values)
    else:
        plus = clause.replace("i.", "+i.")
        _add_known(met, term, f"SELECT id FROM errors_issue WHERE {inside}", values, plus)  # noqa: S608 - names of our own


def _add_column(met: Conditions, term: Term) -> None:
    column = _COLUMNS[term.key]
    test, values = _equal("value", term)
    clause, inside = (test.replace("value", name) for name in (f"+i.{column}", column))
    _add_known(met, term, f"SELECT id FROM errors_issue WHERE {inside}", values, clause)  # noqa: S608 - names of our own


def _add_has(met: Conditions, term: Term) -> None:
    """A user may be known without being a tag; everything else an issue has is one."""
    if term.value.lower() == "user":
        _add_between(met, term, "users", Between(1.0, None))
    elif term.value.lower() in {"assignee", "assigned"}:
        add_term(met, Term("is", "assigned", term.negated))
    else:
        _add_known(
            met, term, "SELECT issue FROM errors_tag WHERE key = %s", (term.value,),
            "EXISTS (SELECT 1 FROM errors_tag t WHERE t.issue = i.id AND t.key = %s)",
        )  # fmt: skip


def _equal(column: str, term: Term) -> tuple[str, tuple[sql.Value, ...]]:
    """Return the test of a value, and what it compares with.

    What stands before the first `*` bounds the part of the index that is looked through.
    """
    if not term.wild:
        return f"{column} = %s", (term.value,)
    start = term.value.partition("*")[0]
    pattern = term.value.replace("[", "[[]").replace("?", "[?]")
    if not start:
        return f"{column} GLOB %s", (pattern,)
    return f"{column} >= %s AND {column} < %s AND {column} GLOB %s", (start, start + _LAST, pattern)


def _add_user(met: Conditions, term: Term) -> None:
    """A user is named by any label: as it stands, or as an id, name, e-mail or address."""
    labels = (term.value, *(f"{kind}:{term.value}" for kind in ("id", "username", "email", "ip")))
    hashes = [user_hash(label) for label in labels]
    inside = f"user IN ({sql.marks(len(hashes))})"
    _add_known(
        met, term, f"SELECT issue FROM errors_user WHERE {inside}", hashes,  # noqa: S608
        f"EXISTS (SELECT 1 FROM errors_user u WHERE u.issue = i.id AND u.{inside})",  # noqa: S608
    )  # fmt: skip


def _add_any_tag(met: Conditions, term: Term) -> None:
    """Release and environment are tags too."""
    key = term.tag or term.key
    test, values = _equal("value", term)
    of_row = test.replace("value", "t.value")
    _add_known(
        met, term, f"SELECT issue FROM errors_tag WHERE key = %s AND {test}", (key, *values),  # noqa: S608 - names of our own
        f"EXISTS (SELECT 1 FROM errors_tag t WHERE t.issue = i.id AND t.key = %s AND {of_row})",  # noqa: S608
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
    said = text.rstrip("*")
    return '"' + said.replace('"', '""') + '"' + ("*" if said[-1:].isalnum() else "")


def _add_known(met: Conditions, term: Term, ids: str, values: Sequence[sql.Value], clause: str) -> None:
    """Add a condition that has a list of issues: narrow to them when they are few, else ask each row."""
    if not term.negated and _narrowed(met, ids, values):
        return
    met.add(f"NOT ({clause})" if term.negated else clause, *values)
    met.lists.append((ids, values, term.negated))


def _narrowed(met: Conditions, ids: str, values: Sequence[sql.Value]) -> bool:
    """Narrow to the issues of a list when they are few; tell whether they are."""
    found = sql.query(f"{ids} LIMIT {met.enough + 1}", values)
    if len(found) > met.enough:
        return False
    met.narrow({int(row[0] or 0) for row in found})
    return True


_ADDERS: dict[str, Callable[[Conditions, Term], None]] = {
    "is": _add_rank, "level": _add_rank, "assignee": _add_assignee, "type": _add_column, "platform": _add_column,
    "times": _add_number, "users": _add_number, "first-seen": _add_instant, "last-seen": _add_instant, "has": _add_has,
    "user": _add_user, "text": _add_text,
}  # fmt: skip
