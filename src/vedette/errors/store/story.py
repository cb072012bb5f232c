"""The history of issues: what happened, what was said, and how it was before."""

from collections.abc import Sequence

import msgspec

from vedette.errors.lifecycle import Standing
from vedette.plumbing.db import sql

_COLUMNS = "id, issue, at, kind, user, who, text, act, before"


class Before(msgspec.Struct, frozen=True):
    """How an issue stood before an act and after it: what taking it back needs."""

    standing: Standing
    assignee: int | None
    after: Standing
    after_assignee: int | None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of history as it is stored; see `types.Entry`."""

    id: int = 0
    issue: int
    at: float
    kind: str
    user: int | None = None
    who: str = ""
    text: str = ""
    act: str = ""
    before: Before | None = None


_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(Before).decode


def add(lines: Sequence[Line]) -> None:
    """Append lines, in the caller's transaction."""
    sql.executemany(
        f"INSERT INTO errors_history (issue, at, kind, user, who, text, act, before) VALUES ({sql.marks(8)})",  # noqa: S608
        [
            (line.issue, line.at, line.kind, line.user, line.who[:120], line.text, line.act,
             _ENCODE(line.before) if line.before else None)
            for line in lines
        ],
    )  # fmt: skip


def of_issue(issue: int, n: int) -> list[Line]:
    """Return the newest lines of an issue and of those merged into it, newest first.

    That they were merged stands in its own history already.
    """
    statement = (
        f"SELECT {_COLUMNS} FROM errors_history WHERE issue IN (SELECT %s UNION SELECT id FROM errors_group"  # noqa: S608
        " WHERE issue = %s) AND (issue = %s OR kind != 'merged') ORDER BY +id DESC LIMIT %s"
    )
    return sql.rows(_line, statement, (issue, issue, issue, n))


def of_act(act: str, issues: Sequence[int] | None = None) -> list[Line]:
    """Return the lines an act wrote, all of them or those of some issues."""
    if not act:
        return []
    # A plus keeps SQLite from going through all an act did when a few of its issues are asked for.
    asked = "act = %s" if issues is None else f"+act = %s AND issue IN ({sql.marks(len(issues))})"
    statement = f"SELECT {_COLUMNS} FROM errors_history WHERE {asked}"  # noqa: S608
    return sql.rows(_line, statement, (act, *(issues or ())))


def close(act: str) -> None:
    """Say that an act can no longer be taken back."""
    sql.execute("UPDATE errors_history SET act = '', before = NULL WHERE act = %s", (act,))


def close_lines(lines: Sequence[Line]) -> None:
    """Say that what these lines did can no longer be taken back."""
    sql.executemany("UPDATE errors_history SET before = NULL WHERE id = %s", [(line.id,) for line in lines])


def gone_on(issues: Sequence[int], since: float) -> set[int]:
    """Return those issues to which something happened after an instant, comments and what jobs did left out."""
    statement = (
        f"SELECT DISTINCT issue FROM errors_history WHERE issue IN ({sql.marks(len(issues))}) AND at > %s"  # noqa: S608
        " AND kind != 'comment' AND (act = '' OR act NOT IN (SELECT id FROM errors_job))"
    )
    return {int(row[0] or 0) for row in sql.query(statement, (*issues, since))} if issues else set()


def _line(  # noqa: PLR0917 - the columns of `_COLUMNS`, in order
    id_: int,
    issue: int,
    at: float,
    kind: str,
    user: int | None,
    who: str,
    text: str,
    act: str,
    before: bytes | None,
) -> Line:
    return Line(
        id=id_, issue=issue, at=at, kind=kind, user=user, who=who, text=text, act=act,
        before=_DECODE(before) if before else None,
    )  # fmt: skip
