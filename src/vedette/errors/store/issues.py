"""What belongs to single issues beyond how they stand: hashes, the last one seen, and forgetting a whole project."""

from collections.abc import Iterator, Sequence

from vedette.errors.store import groups
from vedette.plumbing.db import sql

_CHUNK = 500
# Telemetry looks each hash up in each day; so many take about as long as a page may.
MOST_HASHES = 200


def hashes(issue: int) -> list[bytes]:
    """Return the grouping hashes that lead to an issue."""
    return [bytes(row[0]) for row in sql.query("SELECT hash FROM errors_hash WHERE issue = %s", (issue,))]  # type: ignore[arg-type]


def newest_hashes(issue: int) -> list[bytes]:
    """Return the grouping hashes of an issue; of one merged from very many, those of its `MOST_HASHES` latest groups."""
    return [
        bytes(row[0])  # type: ignore[arg-type]
        for row in sql.query(
            "SELECT hash FROM errors_hash WHERE issue = %s AND group_id IS NULL UNION ALL"
            " SELECT h.hash FROM errors_hash h WHERE h.issue = %s AND h.group_id IN"
            " (SELECT id FROM errors_group WHERE issue = %s ORDER BY last_seen DESC LIMIT %s)",
            (issue, issue, issue, MOST_HASHES),
        )
    ]


def of_hash(hash_: bytes) -> int | None:
    """Return the issue a grouping hash leads to."""
    row = sql.query_one("SELECT issue FROM errors_hash WHERE hash = %s", (hash_,))
    return int(row[0] or 0) if row else None


def oldest(ids: Sequence[int]) -> int:
    """Return that of these issues which was first seen first."""
    statement = (
        f"SELECT id FROM errors_issue WHERE id IN ({sql.marks(len(ids))}) ORDER BY first_seen, id LIMIT 1"  # noqa: S608
    )
    row = sql.query_one(statement, ids)
    return int(row[0] or 0) if row else 0


def last_of(project: int) -> int | None:
    """Return the issue of a project that was seen last."""
    row = sql.query_one(
        "SELECT id FROM errors_issue WHERE project = %s ORDER BY last_seen DESC, id DESC LIMIT 1", (project,)
    )
    return int(row[0] or 0) if row else None


def ids(project: int | None, chunk: int = _CHUNK) -> Iterator[list[int]]:
    """Yield the ids of all issues, or of a project's, in chunks, oldest first."""
    where, values = ("", ()) if project is None else ("AND project = %s", (project,))
    last = 0
    while True:
        statement = f"SELECT id FROM errors_issue WHERE id > %s {where} ORDER BY id LIMIT %s"  # noqa: S608
        found = [int(row[0] or 0) for row in sql.query(statement, (last, *values, chunk))]
        if not found:
            return
        yield found
        last = found[-1]


def forget_project(project: int) -> None:
    """Delete a project's issues with all that belongs to them, in the caller's transaction."""
    groups.forget_project(project)
    own = "SELECT id FROM errors_issue WHERE project = %s"
    for table in ("hash", "tag", "user", "minute", "hour", "history"):
        sql.execute(f"DELETE FROM errors_{table} WHERE issue IN ({own})", (project,))  # noqa: S608
    sql.execute(f"DELETE FROM errors_search WHERE rowid IN ({own})", (project,))  # noqa: S608
    for table in ("minute", "hour"):
        sql.execute(f"DELETE FROM errors_{table} WHERE issue = %s", (-project,))  # noqa: S608
    sql.execute("DELETE FROM errors_issue WHERE project = %s", (project,))
