"""How many events were thinned out, by issue or (negative) by project, and when last.

Of a merged issue each group's are counted apart, under the id of the issue it was.
"""

from collections.abc import Mapping

from vedette.plumbing.db import sql


def add(counts: Mapping[int, int], now: float) -> None:
    """Count events that were thinned out."""
    sql.executemany(
        "INSERT INTO errors_thinned (issue, n, last_at) VALUES (%s, %s, %s)"
        " ON CONFLICT (issue) DO UPDATE SET n = n + excluded.n, last_at = excluded.last_at",
        [(issue, n, now) for issue, n in counts.items()],
    )


def begin(issue: int) -> None:
    """Let an issue that is about to have groups have a row, which stands for all of them."""
    sql.execute("INSERT OR IGNORE INTO errors_thinned (issue, n, last_at) VALUES (%s, 0, 0)", (issue,))


def count(issue: int) -> int:
    """Return how many events of an issue, with all its groups, were thinned out."""
    row = sql.query_one(
        "SELECT sum(n) FROM errors_thinned WHERE issue IN (SELECT %s UNION SELECT id FROM errors_group WHERE issue = %s)",
        (issue, issue),
    )
    return int(row[0] or 0) if row else 0


def last(issue: int) -> float:
    """Return when an event of an issue or project was last thinned out; 0 when never."""
    row = sql.query_one("SELECT last_at FROM errors_thinned WHERE issue = %s", (issue,))
    return float(row[0] or 0) if row else 0.0


def forget_project(project: int) -> None:
    """Delete the counts of a project and its issues, in the caller's transaction, before its issues go."""
    own = " UNION ".join(f"SELECT id FROM errors_{kind} WHERE project = %s" for kind in ("issue", "group"))  # noqa: S608
    sql.execute(
        f"DELETE FROM errors_thinned WHERE issue = %s OR issue IN ({own})",  # noqa: S608
        (-project, project, project),
    )
