"""Acts on many issues, done in pieces: what is to be done, how far it is, and how it ended."""

import msgspec

from vedette.accounts.permissions import Actor
from vedette.errors.types import Action
from vedette.plumbing.db import sql

_COLUMNS = "id, kind, at, ended_at, issue, done, total, problem, body, ids"


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a job does: `text` says it to people, `token` takes it back (or is what is taken back).

    An act on a search has its `action`, counts the issues it `changed`, and remembers that it is `taken_back`.
    """

    actor: Actor
    text: str
    token: str = ""
    action: Action | None = None
    changed: int = 0
    taken_back: bool = False


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it is stored; the first `done` of `total` pieces are done, and the first `ids` of them are issues."""

    id: str
    kind: str
    at: float
    ended_at: float | None = None
    issue: int | None = None
    done: int = 0
    total: int = 0
    problem: str = ""
    body: Body
    ids: tuple[int, ...] = ()


_BODY = msgspec.msgpack.Decoder(Body).decode
_IDS = msgspec.msgpack.Decoder(tuple[int, ...]).decode
_ENCODE = msgspec.msgpack.Encoder().encode


def add(job: Stored, user: int | None) -> None:
    """Add a job, in the caller's transaction."""
    sql.execute(
        "INSERT INTO errors_job (id, kind, at, user, who, issue, body, ids, done, total, problem)"  # noqa: S608
        f" VALUES ({sql.marks(11)})",
        (
            job.id, job.kind, job.at, user, job.body.actor.name[:120], job.issue, _ENCODE(job.body), _ENCODE(job.ids),
            job.done, job.total, job.problem,
        ),
    )  # fmt: skip


def next_open() -> Stored | None:
    """Return the job that waits the longest, with its issues."""
    return sql.row(
        _stored,
        f"SELECT {_COLUMNS} FROM errors_job WHERE ended_at IS NULL ORDER BY at, id LIMIT 1",  # noqa: S608
    )


def find(id_: str) -> Stored | None:
    """Return a job without its issues."""
    return sql.row(_light, f"SELECT {_COLUMNS} FROM errors_job WHERE id = %s", (id_,))  # noqa: S608


def recent(since: float, n: int) -> list[Stored]:
    """Return the jobs that are not done and those that ended since an instant, the newest first, without issues."""
    listed = f"SELECT {_COLUMNS} FROM errors_job WHERE"  # noqa: S608
    open_ = sql.rows(_light, f"{listed} ended_at IS NULL ORDER BY at DESC LIMIT %s", (n,))
    ended = sql.rows(_light, f"{listed} ended_at > %s ORDER BY ended_at DESC LIMIT %s", (since, n))
    return [*open_, *ended][:n]


def advance(id_: str, done: int) -> None:
    """Remember how many pieces are done, in the transaction that did them."""
    sql.execute("UPDATE errors_job SET done = %s WHERE id = %s", (done, id_))


def rewrite(id_: str, body: Body) -> None:
    """Remember what a job says of itself."""
    sql.execute("UPDATE errors_job SET body = %s WHERE id = %s", (_ENCODE(body), id_))


def ids_of(id_: str) -> tuple[int, ...]:
    """Return the issues of a job."""
    row = sql.query_one("SELECT ids FROM errors_job WHERE id = %s", (id_,))
    return _IDS(bytes(row[0])) if row else ()  # type: ignore[arg-type]


def end(id_: str, now: float, problem: str = "") -> None:
    """Say that a job is over; `problem` says why it could not be done whole."""
    sql.execute("UPDATE errors_job SET ended_at = %s, problem = %s WHERE id = %s", (now, problem[:300], id_))


def drop_before(instant: float) -> int:
    """Delete the jobs that ended before an instant; return how many."""
    return sql.execute("DELETE FROM errors_job WHERE ended_at < %s", (instant,))


def _light(*row: sql.Value) -> Stored:
    return _stored(*row[:-1], b"\x90")


def _stored(*row: sql.Value) -> Stored:
    id_, kind, at, ended_at, issue, done, total, problem, body, ids = row
    return msgspec.convert(
        {
            "id": id_, "kind": kind, "at": at, "ended_at": ended_at, "issue": issue, "done": done, "total": total,
            "problem": problem, "body": _BODY(bytes(body)), "ids": _IDS(bytes(ids)),  # type: ignore[arg-type]
        },
        Stored,
    )  # fmt: skip
