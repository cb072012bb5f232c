"""The only SQL of erasures: what is asked, how far it is, the receipts, and what stands beside erased events."""

from collections.abc import Sequence

import msgspec

from vedette.plumbing.db import sql
from vedette.plumbing.db.sweeping import Table

_COLUMNS = (
    "id, kind, project, user, who, at, dry_run, stage, done, total, upto, counts, state, ended_at, problem"
)
_AT_ONCE = 250


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `errors_erasure`, its columns in order; `project` is an id, None for all."""

    id: str
    kind: str
    project: int | None
    user: int | None
    who: str
    at: float
    dry_run: bool
    stage: str
    done: int = 0
    total: int = 0
    upto: int = 0
    counts: str = "{}"
    state: str = ""
    ended_at: float | None = None
    problem: str = ""


class KeptReceipt(msgspec.Struct, frozen=True):
    """A row of `errors_receipt`, its columns in order."""

    id: str
    at: float
    body: str
    seal: str


def add(row: Kept) -> None:
    """Insert an erasure, in the caller's transaction."""
    sql.execute(
        f"INSERT INTO errors_erasure ({_COLUMNS}) VALUES ({sql.marks(15)})",  # noqa: S608
        msgspec.structs.astuple(row),
    )


def save(row: Kept) -> None:
    """Write how far an erasure is, in the transaction that did it."""
    sql.execute(
        "UPDATE errors_erasure SET stage = %s, done = %s, total = %s, upto = %s, counts = %s, state = %s,"
        " ended_at = %s, problem = %s WHERE id = %s",
        (
            row.stage,
            row.done,
            row.total,
            row.upto,
            row.counts,
            row.state,
            row.ended_at,
            row.problem[:300],
            row.id,
        ),
    )


def find(id_: str) -> Kept | None:
    """Return an erasure."""
    return sql.row(_kept, f"SELECT {_COLUMNS} FROM errors_erasure WHERE id = %s", (id_,))  # noqa: S608


def next_open() -> Kept | None:
    """Return the erasure that waits the longest."""
    return sql.row(
        _kept,
        f"SELECT {_COLUMNS} FROM errors_erasure WHERE ended_at IS NULL ORDER BY at, id LIMIT 1",  # noqa: S608
    )


def open_ones() -> int:
    """Return how many erasures are not over."""
    row = sql.query_one("SELECT count(*) FROM errors_erasure WHERE ended_at IS NULL")
    return int(row[0] or 0) if row else 0


def recent(n: int) -> list[Kept]:
    """Return the last erasures, the newest first."""
    return sql.rows(_kept, f"SELECT {_COLUMNS} FROM errors_erasure ORDER BY at DESC, id LIMIT %s", (n,))  # noqa: S608


def empty_before(instant: float) -> int:
    """Forget whose data the erasures that ended before an instant were about; return how many still knew."""
    return sql.execute("UPDATE errors_erasure SET state = '' WHERE ended_at < %s AND state <> ''", (instant,))


def drop_before(instant: float) -> int:
    """Delete the erasures that ended before an instant; their receipts stay."""
    return sql.execute("DELETE FROM errors_erasure WHERE ended_at < %s", (instant,))


def add_receipt(row: KeptReceipt) -> None:
    """Insert a receipt, in the caller's transaction."""
    sql.execute(
        "INSERT INTO errors_receipt (id, at, body, seal) VALUES (%s, %s, %s, %s)",
        msgspec.structs.astuple(row),
    )


def receipt(id_: str) -> KeptReceipt | None:
    """Return a receipt."""
    return sql.row(KeptReceipt, "SELECT id, at, body, seal FROM errors_receipt WHERE id = %s", (id_,))


def receipts(after: tuple[float, str] | None, n: int) -> list[KeptReceipt]:
    """Return receipts, the newest first, beginning after a place (instant and id)."""
    where, values = ("", ()) if after is None else ("WHERE (at, id) < (%s, %s)", after)
    statement = f"SELECT id, at, body, seal FROM errors_receipt {where} ORDER BY at DESC, id DESC LIMIT %s"  # noqa: S608
    return sql.rows(KeptReceipt, statement, (*values, n))


def files_of(events: Sequence[tuple[bytes, int]]) -> list[str]:
    """Return the names of the files of events (id and project)."""
    return [str(row[0]) for one in events for row in sql.query(_FILES, one)]


_FILES = "SELECT file FROM errors_attachment WHERE event = %s AND project = %s"


def forget_beside(events: Sequence[tuple[bytes, int]]) -> tuple[int, int]:
    """Delete the rows of events' files and feedback, in the caller's transaction; return how many of each."""
    gone = [
        sql.executemany(f"DELETE FROM errors_{table} WHERE event = %s AND project = %s", events)  # noqa: S608
        for table in ("attachment", "feedback")
    ]
    return gone[0], gone[1]


def count_beside(events: Sequence[tuple[bytes, int]]) -> tuple[int, int]:
    """Return how many files and how much feedback events have."""
    found = [0, 0]
    for place, table in enumerate(("attachment", "feedback")):
        statement = f"SELECT count(*) FROM errors_{table} WHERE event = %s AND project = %s"  # noqa: S608
        found[place] = sum(int(sql.query(statement, one)[0][0] or 0) for one in events)
    return found[0], found[1]


class Written(msgspec.Struct, frozen=True):
    """A row of `errors_feedback`, its columns in order."""

    id: int
    project: int
    event: bytes
    name: str
    email: str
    comments: str


def feedback(after: int, n: int) -> list[Written]:
    """Return feedback after an id."""
    return sql.rows(
        Written,
        "SELECT id, project, event, name, email, comments FROM errors_feedback WHERE id > %s ORDER BY id LIMIT %s",
        (after, n),
    )


def forget_feedback(ids: Sequence[int]) -> int:
    """Delete feedback, in the caller's transaction."""
    return sql.executemany("DELETE FROM errors_feedback WHERE id = %s", [(one,) for one in ids])


def issues_of(rows: str, after: int, project: int | None) -> list[int]:
    """Return ids of issues (or groups: `rows` names the table) after one, those of a project or all."""
    where, values = ("", ()) if project is None else ("AND project = %s", (project,))
    statement = f"SELECT id FROM {rows} WHERE id > %s {where} ORDER BY id LIMIT %s"  # noqa: S608 - names of our own
    return [int(row[0] or 0) for row in sql.query(statement, (after, *values, _AT_ONCE))]


def users(rows: str, issues: Sequence[int], hashes: Sequence[int], *, delete: bool) -> int:
    """Count (or delete, in the caller's transaction) the rows by which issues know users."""
    if not issues or not hashes:
        return 0
    where = f"issue IN ({sql.marks(len(issues))}) AND user IN ({sql.marks(len(hashes))})"
    if delete:
        return sql.execute(f"DELETE FROM {rows} WHERE {where}", (*issues, *hashes))  # noqa: S608 - names of our own
    return int(sql.query(f"SELECT count(*) FROM {rows} WHERE {where}", (*issues, *hashes))[0][0] or 0)  # noqa: S608


def lost_tags(rows: str, counts: dict[int, int]) -> None:
    """Let issues (or groups) have fewer values of tags: who remembers them looks again (see `tagging`)."""
    sql.executemany(
        f"UPDATE {rows} SET tag_values = max(0, tag_values - %s) WHERE id = %s",  # noqa: S608 - a name of our own
        [(n, issue) for issue, n in counts.items()],
    )


def _kept(*row: sql.Value) -> Kept:
    return msgspec.convert(dict(zip(Kept.__struct_fields__, row, strict=True)), Kept, strict=False)


def within(table: Table, project: int | None) -> tuple[str, tuple[int, ...]]:
    """Return the condition (`?` for its values) that rows of a table belong to a project, where that can be told."""
    if project is None:
        return "1", ()
    for column in ("project", "project_id"):
        if column in table.columns:
            return f"{column} = ?", (project,)
    issues = (
        "(SELECT id FROM errors_issue WHERE project = ? UNION SELECT id FROM errors_group WHERE project = ?)"
    )
    if "issue" in table.columns:
        return f"issue IN {issues}", (project, project)
    return (f"rowid IN {issues}", (project, project)) if table.words else ("1", ())


def live_ids(table: str) -> frozenset[int]:
    """Return the ids of a table's rows."""
    return frozenset(int(row[0] or 0) for row in sql.query(f"SELECT id FROM {table}"))  # noqa: S608 - our own name
