"""SQL of actions: what hosts offer, and what was ordered there."""

from collections.abc import Sequence

import msgspec

from vedette.hosts.types import Action, ActionState
from vedette.plumbing.db import sql

_NAMES = msgspec.json.Decoder(tuple[str, ...]).decode
_COLUMNS = "uid, host, name, about, by, asked_at, until, state, changed_at, code, why, output"
_SELECT = f"SELECT {_COLUMNS} FROM hosts_action"  # noqa: S608 - names of ours


def offer(host: int, names: Sequence[str]) -> None:
    """Remember all that a host offers."""
    sql.execute("DELETE FROM hosts_offer WHERE host = %s", [host])
    if names:
        sql.execute(
            "INSERT INTO hosts_offer (host, names) VALUES (%s, %s)",
            [host, msgspec.json.encode(names).decode()],
        )


def offered(host: int) -> tuple[str, ...]:
    """Return what a host offers."""
    row = sql.query_one("SELECT names FROM hosts_offer WHERE host = %s", [host])
    return _NAMES(str(row[0])) if row else ()


def add(one: Action) -> None:
    """Insert an action that is ordered."""
    sql.execute(
        f"INSERT INTO hosts_action ({_COLUMNS}) VALUES ({sql.marks(12)})",  # noqa: S608 - names of ours
        [
            one.id, one.host, one.name, one.about, one.by, one.asked_at, one.until, one.state, one.changed_at, one.code, one.why,
            one.output,
        ],
    )  # fmt: skip


def told(one: Action) -> bool:
    """Write how an action fares whose end was not told before; tell whether there is one."""
    return bool(
        sql.execute(
            "UPDATE hosts_action SET state = %s, changed_at = %s, code = %s, why = %s, output = %s"
            " WHERE uid = %s AND host = %s AND state IN ('asked', 'running')",
            [one.state, one.changed_at, one.code, one.why, one.output, one.id, one.host],
        )
    )


def open_of(host: int) -> tuple[Action, ...]:
    """Return the actions of a host whose end was not told, the oldest first."""
    where = "WHERE state IN ('asked', 'running') AND host = %s ORDER BY asked_at, uid"
    return tuple(sql.rows(_action, f"{_SELECT} {where}", [host]))


def every_open() -> tuple[Action, ...]:
    """Return the actions of all hosts whose end was not told, the oldest first."""
    return tuple(sql.rows(_action, f"{_SELECT} WHERE state IN ('asked', 'running') ORDER BY asked_at, uid"))


def last(about: str) -> Action | None:
    """Return what was ordered last for something."""
    return sql.row(_action, f"{_SELECT} WHERE about = %s ORDER BY asked_at DESC, uid DESC LIMIT 1", [about])


def drop(before: float) -> int:
    """Delete what was ordered before an instant; return how many."""
    return sql.execute("DELETE FROM hosts_action WHERE asked_at < %s", [before])


def _action(*columns: sql.Value) -> Action:
    uid, host, name, about, by, asked_at, until, state, changed_at, code, why, output = columns
    return Action(
        id=str(uid), host=int(host or 0), name=str(name), about=str(about), by=str(by), asked_at=float(asked_at or 0),
        until=float(until or 0), state=ActionState(str(state)), changed_at=float(changed_at or 0),
        code=None if code is None else int(code), why=str(why), output=str(output),
    )  # fmt: skip
