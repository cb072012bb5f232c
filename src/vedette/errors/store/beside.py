"""Files and feedback of events, by project and event id."""

from collections.abc import Iterable, Sequence

from vedette.errors.feedback import Feedback
from vedette.errors.types import Attached, Said
from vedette.plumbing.db import sql
from vedette.wire.attachment import Attachment
from vedette.wire.delivery import Delivery

_COLUMNS = "id, project, name, content_type, kind, size, file, at"
_MOST = 200


def add_files(found: Iterable[tuple[Delivery, Attachment]]) -> None:
    """Write files; of those a project that is gone sent, the bytes go with their day."""
    rows = [
        (d.project, bytes.fromhex(d.event_id), a.name, a.content_type, a.kind, a.size, a.file, d.received)
        for d, a in found
        if _is_id(d.event_id)
    ]
    sql.executemany(
        "INSERT OR IGNORE INTO errors_attachment (project, event, name, content_type, kind, size, file, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        rows,
    )


def add_feedback(found: Iterable[tuple[Delivery, Feedback]]) -> None:
    """Write feedback."""
    rows = [
        (d.project, bytes.fromhex(f.event_id), f.name, f.email, f.comments, d.received)
        for d, f in found
        if _is_id(f.event_id)
    ]
    sql.executemany(
        "INSERT INTO errors_feedback (project, event, name, email, comments, at) VALUES (%s, %s, %s, %s, %s, %s)",
        rows,
    )


def files(project: int, event_id: str) -> list[Attached]:
    """Return an event's files, in order of arrival."""
    statement = (
        f"SELECT {_COLUMNS} FROM errors_attachment WHERE project = %s AND event = %s ORDER BY id LIMIT %s"  # noqa: S608
    )
    return sql.rows(Attached, statement, (project, _bytes(event_id), _MOST))


def feedback(project: int, event_id: str) -> list[Said]:
    """Return what users wrote about an event, in order of arrival."""
    statement = (
        "SELECT name, email, comments, at FROM errors_feedback WHERE project = %s AND event = %s"
        " ORDER BY id LIMIT %s"
    )
    return sql.rows(Said, statement, (project, _bytes(event_id), _MOST))


def oldest_files(n: int) -> list[Attached]:
    """Return the `n` files that were kept longest."""
    return sql.rows(Attached, f"SELECT {_COLUMNS} FROM errors_attachment ORDER BY id LIMIT %s", (n,))  # noqa: S608


def forget_files(ids: Sequence[int]) -> None:
    """Delete the rows of files."""
    sql.executemany("DELETE FROM errors_attachment WHERE id = %s", [(one,) for one in ids])


def forget_before(instant: float) -> None:
    """Delete the rows of what came before an instant."""
    for table in ("attachment", "feedback"):
        sql.execute(f"DELETE FROM errors_{table} WHERE at < %s", (instant,))  # noqa: S608


def forget_project(project: int) -> list[str]:
    """Delete a project's rows, in the caller's transaction; return the names of its files."""
    names = sql.query("SELECT file FROM errors_attachment WHERE project = %s", (project,))
    for table in ("attachment", "feedback"):
        sql.execute(f"DELETE FROM errors_{table} WHERE project = %s", (project,))  # noqa: S608
    return [str(row[0]) for row in names]


def _bytes(event_id: str) -> bytes:
    return bytes.fromhex(event_id) if _is_id(event_id) else b""


def _is_id(event_id: str) -> bool:
    return len(event_id) == 32 and set(event_id) <= set("0123456789abcdef")
