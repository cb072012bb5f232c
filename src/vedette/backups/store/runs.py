"""SQL of runs, drills and restores. A body is kept as it was told (and signed); columns say how it is judged."""

from collections.abc import Sequence

import msgspec

from vedette.backups import life
from vedette.backups.life import Act
from vedette.backups.types import Wanted
from vedette.plumbing.db import sql
from vedette.wire.backup import BackupAct, BackupRun, DrillRun, RestoreRun, Stage

RUN, DRILL, RESTORE = "run", "drill", "restore"
_KINDS: dict[type, str] = {BackupRun: RUN, DrillRun: DRILL, RestoreRun: RESTORE}
_ACTS = {BackupAct.RUN: RUN, BackupAct.DRILL: DRILL, BackupAct.RESTORE: RESTORE}
_COLUMNS = "id, plan, host, began_at, ended_at, heard_at, body"
_TOGETHER = 100  # questions in a statement: SQLite joins 500 at most
_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(BackupRun | DrillRun | RestoreRun)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Something a host did: of which plan and host, when it was heard of last, as judged, and as it was told."""

    id: str
    plan: int
    host: int
    heard_at: float
    act: Act
    told: Act


class Asked(msgspec.Struct, frozen=True):
    """Which end is asked for: the last of a plan and kind, of a copy and only of what is good where that is said."""

    plan: int
    kind: str
    copy: str = ""
    good: bool = False


def find(number: str) -> Kept | None:
    """Return one by its id."""
    return sql.row(_kept, f"SELECT {_COLUMNS} FROM backups_run WHERE id = %s", [number])  # noqa: S608 - our columns


def put(plan: int, host: int, told: Act, now: float) -> None:
    """Write something as it was told, in the place of what was told before under its id. Instants to come are now."""
    stage, failure, _ = life.verdict(told)
    snapshot = "" if isinstance(told, RestoreRun) else told.snapshot[:120]
    ended = None if told.ended_at is None else min(told.ended_at, now)
    row: list[sql.Value] = [
        told.id, plan, host, told.copy, _KINDS[type(told)], stage.value, failure.value if failure else "", min(told.began_at, now), ended,
        snapshot, now, _ENCODER.encode(told),
    ]  # fmt: skip
    sql.execute(
        "INSERT INTO backups_run (id, plan, host, copy, kind, stage, failure, began_at, ended_at, snapshot, heard_at, body)"  # noqa: S608 - marks
        f" VALUES ({sql.marks(12)}) ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, failure = excluded.failure,"
        " ended_at = excluded.ended_at, snapshot = excluded.snapshot, heard_at = excluded.heard_at, body = excluded.body",
        row,
    )


def page(wanted: Wanted, before: tuple[float, str] | None, n: int) -> list[Act]:
    """Return what was done, the newest first, past (`began_at`, id)."""
    wheres, values = _narrowed(wanted)
    if before is not None:
        wheres.append("(began_at, id) < (%s, %s)")
        values += before
    where = f"WHERE {' AND '.join(wheres)} " if wheres else ""
    found = sql.rows(
        _kept,
        f"SELECT {_COLUMNS} FROM backups_run {where}ORDER BY began_at DESC, id DESC LIMIT %s",  # noqa: S608 - our words
        [*values, n],
    )
    return [one.act for one in found]


def last(asked: Asked, before: tuple[float, str] | None = None) -> Kept | None:
    """Return what ended last, before (`began_at`, id) where that is asked for."""
    return sql.row(_kept, *_last(asked, before))


def lasts(asked: Sequence[Asked]) -> list[Kept | None]:
    """Return of each question what ended last, by few statements: one for each is dear beside a server at work."""
    found: dict[int, Kept] = {}
    for start in range(0, len(asked), _TOGETHER):
        parts = [_last(one) for one in asked[start : start + _TOGETHER]]
        union = " UNION ALL ".join(
            f"SELECT {n} AS question, part{n}.* FROM ({text}) AS part{n}"  # noqa: S608 - our words
            for n, (text, _) in enumerate(parts, start)
        )
        rows = sql.rows(_answer, union, [value for _, values in parts for value in values])
        found |= dict(rows)
    return [found.get(n) for n in range(len(asked))]


def running(plan: int | None = None) -> list[Kept]:
    """Return what runs, of a plan or of all, the newest first."""
    among, values = ("AND plan = %s ", [plan]) if plan is not None else ("", [])
    statement = f"SELECT {_COLUMNS} FROM backups_run WHERE stage = %s {among}ORDER BY began_at DESC"  # noqa: S608 - our words
    return sql.rows(_kept, statement, [Stage.RUNNING.value, *values])


def began() -> dict[int, float]:
    """Return when a backup of each plan was begun last."""
    found = sql.query("SELECT plan, max(began_at) FROM backups_run WHERE kind = %s GROUP BY plan", [RUN])
    return {int(plan or 0): float(at or 0) for plan, at in found}


def between(start: float, end: float, n: int = 5_000) -> list[Kept]:
    """Return what ended in `start` <= t < `end`, the oldest first."""
    statement = f"SELECT {_COLUMNS} FROM backups_run WHERE ended_at >= %s AND ended_at < %s ORDER BY ended_at LIMIT %s"  # noqa: S608 - ours
    return sql.rows(_kept, statement, [start, end, n])


def drop_before(at: float, keep: Sequence[str], n: int = 2_000) -> int:
    """Delete what began before an instant, but those that are named; return how much."""
    statement = (
        "DELETE FROM backups_run WHERE id IN (SELECT id FROM backups_run WHERE began_at < %s AND stage != %s"  # noqa: S608 - marks
        f" AND id NOT IN ({sql.marks(len(keep))}) LIMIT %s)"
    )
    return sql.execute(statement, [at, Stage.RUNNING.value, *keep, n])


def _last(asked: Asked, before: tuple[float, str] | None = None) -> tuple[str, list[sql.Value]]:
    # `+` keeps SQLite on the index that is in the order of time.
    ended, stage = ("stage = %s", Stage.DONE) if asked.good else ("+stage <> %s", Stage.RUNNING)
    statement = (
        f"SELECT {_COLUMNS} FROM backups_run WHERE plan = %s AND kind = %s AND {ended}"  # noqa: S608 - our words
        f"{' AND copy = %s' if asked.copy else ''}{' AND (began_at, id) < (%s, %s)' if before else ''} ORDER BY began_at DESC, id DESC LIMIT 1"
    )
    return statement, [
        asked.plan,
        asked.kind,
        stage.value,
        *([asked.copy] if asked.copy else []),
        *(before or ()),
    ]


def _narrowed(wanted: Wanted) -> tuple[list[str], list[sql.Value]]:
    pairs: list[tuple[str, sql.Value]] = [
        ("plan = %s", wanted.plan),
        ("host = %s", wanted.host),
        ("kind = %s", _ACTS.get(wanted.act) if wanted.act else None),
        ("stage = %s", Stage.FAILED.value if wanted.failed else None),
    ]
    return [each for each, value in pairs if value is not None], [
        value for _, value in pairs if value is not None
    ]


def _kept(  # noqa: PLR0917 - the columns in order
    number: str,
    plan: int,
    host: int,
    began_at: float,
    ended_at: float | None,
    heard_at: float,
    body: bytes,
) -> Kept:
    told = _DECODER.decode(body)
    # Columns hold back an instant to come; later than it was told (and signed) they make nothing.
    ended = None if ended_at is None or told.ended_at is None else min(ended_at, told.ended_at)
    act = msgspec.structs.replace(life.judged(told), began_at=min(began_at, told.began_at), ended_at=ended)
    return Kept(id=number, plan=plan, host=host, heard_at=heard_at, act=act, told=told)


def _answer(  # noqa: PLR0917 - the columns in order
    question: int, number: str, plan: int, host: int, began_at: float, ended_at: float | None, heard_at: float, body: bytes
) -> tuple[int, Kept]:  # fmt: skip
    return question, _kept(number, plan, host, began_at, ended_at, heard_at, body)
