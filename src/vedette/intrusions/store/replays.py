"""SQL of replays: what is tried on hosts' own logs, and what came of it."""

import msgspec

from vedette.intrusions.types import Replay, ReplayState
from vedette.plumbing.db import sql
from vedette.wire.agent.types import ReplayReport

_PACK = msgspec.msgpack.Encoder().encode
_UNPACK = msgspec.msgpack.Decoder(ReplayReport).decode
_REPLAY = "SELECT uid, host, name, seconds, by, asked_at, state, changed_at, body FROM intrusions_replay"
_WAITS = "state IN ('asked', 'running') AND asked_at > %s"


def add(one: Replay) -> None:
    """Insert a replay that is asked for."""
    sql.execute(
        "INSERT INTO intrusions_replay (uid, host, name, seconds, by, asked_at, state, changed_at, body)"  # noqa: S608 - marks alone
        f" VALUES ({sql.marks(9)})",
        [one.id, one.host, one.set, one.seconds, one.by, one.asked_at, one.state, one.changed_at, b""],
    )


def told(number: str, host: str, report: ReplayReport, now: float) -> bool:
    """Write what a host tells of a replay that it was ordered and has not told the end of; tell whether there is one."""
    return bool(
        sql.execute(
            "UPDATE intrusions_replay SET state = %s, changed_at = %s, body = %s"
            " WHERE uid = %s AND host = %s AND state IN ('asked', 'running')",
            [report.state, now, _PACK(report), number, host],
        )
    )


def waiting(since: float) -> tuple[Replay, ...]:
    """Return what hosts are to do that was asked since an instant, the oldest first."""
    return tuple(sql.rows(_replay, f"{_REPLAY} WHERE {_WAITS} ORDER BY asked_at, uid", [since]))


def of(name: str = "", n: int = 100) -> tuple[Replay, ...]:
    """Return replays (of a set), the newest first."""
    about = "WHERE name = %s " if name else ""
    return tuple(
        sql.rows(
            _replay,
            f"{_REPLAY} {about}ORDER BY asked_at DESC, uid DESC LIMIT %s",
            [*([name] if name else []), n],
        )
    )


def keep(host: str, name: str, n: int) -> int:
    """Delete all but the newest of a set on a host; return how many went."""
    return sql.execute(
        "DELETE FROM intrusions_replay WHERE host = %s AND name = %s AND uid NOT IN (SELECT uid FROM intrusions_replay"
        " WHERE host = %s AND name = %s ORDER BY asked_at DESC, uid DESC LIMIT %s)",
        [host, name, host, name, n],
    )


def drop(before: float) -> int:
    """Delete what was asked before an instant; return how many."""
    return sql.execute("DELETE FROM intrusions_replay WHERE asked_at < %s", [before])


def _replay(*columns: sql.Value) -> Replay:
    number, host, name, seconds, by, asked_at, state, changed_at, body = columns
    return Replay(
        id=str(number), host=str(host), set=str(name), seconds=float(seconds or 0), by=str(by), asked_at=float(asked_at or 0),
        state=ReplayState(str(state)), changed_at=float(changed_at or 0),
        report=_UNPACK(body) if isinstance(body, bytes) and body else None,
    )  # fmt: skip
