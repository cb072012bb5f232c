"""The only SQL of saved searches. Within the caller's transaction."""

import msgspec

from vedette.errors.saved.types import SearchDraft
from vedette.plumbing.db import sql

_COLUMNS = "id, owner, name, query, sort, project, shared"


class Kept(msgspec.Struct, frozen=True):
    """A row of `errors_saved`, its columns in order; `project` is an id, 0 for all."""

    id: int
    owner: int
    name: str
    query: str
    sort: str
    project: int
    shared: int


def visible(user: int) -> list[Kept]:
    """Return a user's searches and those of others that are shared, by name."""
    statement = (
        f"SELECT {_COLUMNS} FROM errors_saved WHERE owner = %s OR shared = 1 ORDER BY name COLLATE NOCASE, id"  # noqa: S608
    )
    return sql.rows(Kept, statement, (user,))


def add(owner: int, draft: SearchDraft, project: int, now: float) -> int:
    """Insert a search and return its id."""
    row = sql.query_one(
        "INSERT INTO errors_saved (owner, name, query, sort, project, shared, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (owner, draft.name, draft.query, str(draft.sort), project, int(draft.shared), now),
    )
    return int(row[0] or 0) if row else 0


def change(id_: int, draft: SearchDraft, project: int) -> None:
    """Write what a search says."""
    sql.execute(
        "UPDATE errors_saved SET name = %s, query = %s, sort = %s, project = %s, shared = %s WHERE id = %s",
        (draft.name, draft.query, str(draft.sort), project, int(draft.shared), id_),
    )


def delete(id_: int) -> None:
    """Delete a search, and the stars on it."""
    sql.execute("DELETE FROM errors_star WHERE search = %s", (id_,))
    sql.execute("DELETE FROM errors_saved WHERE id = %s", (id_,))


def starred(user: int) -> int | None:
    """Return the id of the search a user begins with."""
    row = sql.query_one("SELECT search FROM errors_star WHERE user = %s", (user,))
    return int(row[0] or 0) if row else None


def star(user: int, id_: int | None) -> None:
    """Let a user begin with a search, or with none."""
    sql.execute("DELETE FROM errors_star WHERE user = %s", (user,))
    if id_ is not None:
        sql.execute("INSERT INTO errors_star (user, search) VALUES (%s, %s)", (user, id_))


def unstar_others(id_: int, owner: int) -> None:
    """Take away the stars of others: the search is no longer shown to them."""
    sql.execute("DELETE FROM errors_star WHERE search = %s AND user <> %s", (id_, owner))


def forget_project(project: int) -> None:
    """Delete the searches within a project that is deleted."""
    for row in sql.query("SELECT id FROM errors_saved WHERE project = %s", (project,)):
        delete(int(row[0] or 0))
