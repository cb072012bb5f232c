"""SQL of results: those of the hour that goes on, one by one, and what is packed of those before."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.monitors.tallying import Line, Tally
from vedette.plumbing.db import sql

HOUR = 3_600
MINUTES, HOURS, DAYS = "monitors_minutes", "monitors_hour", "monitors_day"
_ENCODE = msgspec.msgpack.Encoder().encode
_LINE = msgspec.msgpack.Decoder(Line).decode
_TALLY = msgspec.msgpack.Decoder(Tally).decode
_TALLIES = msgspec.msgpack.Decoder(dict[int, Tally]).decode
_ADD = "INSERT INTO monitors_result (monitor, at, body) VALUES (%s, %s, %s)"
Numbered = tuple[int, Line]


def add(lines: Sequence[tuple[int, Line]]) -> None:
    """Append results (monitor, line), in the caller's transaction."""
    sql.executemany(_ADD, [(monitor, line.at, _ENCODE(line)) for monitor, line in lines])


def between(monitor: int, start: float, end: float) -> list[Numbered]:
    """Return a monitor's results that are not packed, with `start` <= at < `end`, each with its row, oldest first."""
    rows = sql.query(
        "SELECT id, body FROM monitors_result WHERE monitor = %s AND at >= %s AND at < %s ORDER BY at, id",
        (monitor, start, end),
    )
    return [(int(number or 0), _LINE(_bytes(body))) for number, body in rows]


def unpacked(before: float, n: int) -> list[tuple[int, int]]:
    """Return up to `n` monitors and hours (seconds) before an instant of which results are not packed yet."""
    rows = sql.query(
        "SELECT DISTINCT monitor, CAST(at / 3600 AS INTEGER) * 3600 FROM monitors_result WHERE at < %s LIMIT %s",
        (before, n),
    )
    return [(int(monitor or 0), int(hour or 0)) for monitor, hour in rows]


def forget(lines: Sequence[Numbered]) -> None:
    """Delete results that are packed now, in the caller's transaction."""
    for part in sql.batched(lines):
        ids = [number for number, _ in part]
        sql.execute(f"DELETE FROM monitors_result WHERE id IN ({sql.marks(len(ids))})", ids)  # noqa: S608


def tallies(table: str, monitor: int, start: float, end: float) -> Mapping[int, Tally]:
    """Return what hours or days come to that begin in `start` <= at < `end`, by their beginning."""
    rows = sql.query(
        f"SELECT at, body FROM {table} WHERE monitor = %s AND at >= %s AND at < %s ORDER BY at",  # noqa: S608
        (monitor, int(start), int(end)),
    )
    return {int(at or 0): _TALLY(_bytes(body)) for at, body in rows}


def one(table: str, monitor: int, at: int) -> Tally:
    """Return what an hour or a day comes to by now."""
    return tallies(table, monitor, at, at + 1).get(at, Tally())


def minutes(monitor: int, start: float, end: float) -> Mapping[int, Tally]:
    """Return what packed minutes come to, by their beginning."""
    rows = sql.query(
        "SELECT body FROM monitors_minutes WHERE monitor = %s AND at >= %s AND at < %s",
        (monitor, int(start // HOUR) * HOUR, int(end)),
    )
    found = {minute: one for (body,) in rows for minute, one in _TALLIES(_bytes(body)).items()}
    return {minute: one for minute, one in sorted(found.items()) if start - 60 < minute < end}


def put(table: str, monitor: int, at: int, found: Tally) -> None:
    """Write an hour or a day, in the caller's transaction."""
    _put(table, monitor, at, _ENCODE(found))


def put_minutes(monitor: int, hour: int, found: Mapping[int, Tally]) -> None:
    """Write the minutes of an hour, in the caller's transaction."""
    _put(MINUTES, monitor, hour, _ENCODE(found))


def drop_before(table: str, at: float, n: int) -> int:
    """Delete up to `n` spans that began before an instant; return how many went."""
    return sql.execute(
        f"DELETE FROM {table} WHERE (monitor, at) IN (SELECT monitor, at FROM {table} WHERE at < %s LIMIT %s)",  # noqa: S608
        (int(at), n),
    )


def _put(table: str, monitor: int, at: int, body: bytes) -> None:
    sql.execute(
        f"INSERT INTO {table} (monitor, at, body) VALUES (%s, %s, %s)"  # noqa: S608 - our own names
        " ON CONFLICT (monitor, at) DO UPDATE SET body = excluded.body",
        (monitor, at, body),
    )


def _bytes(value: sql.Value) -> bytes:
    return value if isinstance(value, bytes) else b""
