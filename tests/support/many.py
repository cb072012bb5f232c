"""Very many issues, made of one: for what is done to a whole search."""

from vedette.errors.models import IssueRow
from vedette.plumbing.db import sql


def multiply(n: int) -> None:
    """Make copies of the issue with the lowest id until there are `n`; they have its counts, and no events."""
    row = sql.query_one("SELECT min(id), max(id), max(number), count(*) FROM errors_issue") or ()
    first, last_id, last_number, there = (int(value or 0) for value in row)
    columns = [str(field.column) for field in IssueRow._meta.concrete_fields]
    fresh = {"id": f"{last_id} + n.i", "number": f"{last_number} + n.i"}
    sql.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"  # noqa: S608 - names of our own
        f" INSERT INTO errors_issue ({', '.join(columns)})"
        f" SELECT {', '.join(fresh.get(one, one) for one in columns)} FROM errors_issue, n WHERE id = %s",
        (n - there, first),
    )
