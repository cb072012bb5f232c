"""How many events were thinned out, by issue or (negative) by project, and when last."""

from collections.abc import Mapping

from vedette.plumbing.db import sql


def add(counts: Mapping[int, int], now: float) -> None:
    """Count events that were thinned out."""
    sql.executemany(
        "INSERT INTO errors_thinned (issue, n, last_at) VALUES (%s, %s, %s)"
        " ON CONFLICT (issue) DO UPDATE SET n = n + excluded.n, last_at = excluded.last_at",
        [(issue, n, now) for issue, n in counts.items()],
    )


def count(issue: int) -> int:
    """Return how many events of an issue were thinned out."""
    row = sql.query_one("SELECT n FROM errors_thinned WHERE issue = %s", (issue,))
    return int(row[0] or 0) if row else 0


def last(issue: int) -> float:
    """Return when an event of an issue or project was last thinned out; 0 when never."""
    row = sql.query_one("SELECT last_at FROM errors_thinned WHERE issue = %s", (issue,))
    return float(row[0] or 0) if row else 0.0


def forget_project(project: int) -> None:
    """Delete the counts of a project and its issues, in the caller's transaction, before its issues go."""
    own = "SELECT id FROM errors_issue WHERE project = %s"
    sql.execute(f"DELETE FROM errors_thinned WHERE issue = %s OR issue IN ({own})", (-project, project))  # noqa: S608
