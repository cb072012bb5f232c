"""The only SQL of ownership rules."""

from vedette.errors.owners.types import OwnerRules
from vedette.plumbing.db import sql


def rules(project: int) -> OwnerRules:
    """Return a project's rules; empty ones when it has none."""
    row = sql.query_one("SELECT source, suggest FROM errors_owners WHERE project = %s", (project,))
    return OwnerRules(str(row[0]), bool(row[1])) if row else OwnerRules()


def keep(project: int, kept: OwnerRules) -> None:
    """Write a project's rules, in the caller's transaction."""
    forget_project(project)
    if kept.source:
        sql.execute(
            "INSERT INTO errors_owners (project, source, suggest) VALUES (%s, %s, %s)",
            (project, kept.source, int(kept.suggest)),
        )


def forget_project(project: int) -> None:
    """Delete a project's rules."""
    sql.execute("DELETE FROM errors_owners WHERE project = %s", (project,))


def assign(issue: int, user: int) -> None:
    """Give a new issue to a user."""
    sql.execute("UPDATE errors_issue SET assignee = %s WHERE id = %s", (user, issue))


def newest(project: int, n: int) -> list[int]:
    """Return the ids of a project's newest issues, newest first."""
    statement = "SELECT id FROM errors_issue WHERE project = %s ORDER BY first_seen DESC, id DESC LIMIT %s"
    return [int(row[0] or 0) for row in sql.query(statement, (project, n))]
