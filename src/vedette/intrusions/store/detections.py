"""SQL of what was detected."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from vedette.intrusions.types import Seen, Tally
from vedette.plumbing.db import sql
from vedette.wire.agent.types import Detection

_PACK = msgspec.msgpack.Encoder().encode
_UNPACK = msgspec.msgpack.Decoder(Detection).decode
_SEEN = "SELECT id, place, value, body FROM intrusions_detection"
MOST = 500_000  # that are kept; beyond it the oldest go


def add(place: str, found: Sequence[tuple[str, Detection]]) -> int:
    """Insert what was detected at a place, by the value it is about; one that is known already is left out."""
    return sql.executemany(
        "INSERT INTO intrusions_detection (place, uid, at, rule, service, severity, value, count, simulated, body)"  # noqa: S608 - marks alone
        f" VALUES ({sql.marks(10)}) ON CONFLICT (place, uid) DO NOTHING",
        [
            (
                place[:80], one.id[:64], one.at, one.rule[:80], one.service[:80], one.severity[:10], value[:200],
                min(one.count, 2**31 - 1), one.simulated, _PACK(one),
            )
            for value, one in found
        ],
    )  # fmt: skip


def since(start: float, n: int) -> tuple[Seen, ...]:
    """Return what was detected since an instant, newest first."""
    return tuple(sql.rows(_seen, f"{_SEEN} WHERE at >= %s ORDER BY at DESC, id DESC LIMIT %s", [start, n]))


def page(before: int | None, n: int, value: str = "") -> tuple[Seen, ...]:
    """Return what was detected (about a value) before a number, newest first."""
    about = "value = %s AND " if value else ""
    return tuple(
        sql.rows(
            _seen,
            f"{_SEEN} WHERE {about}id < %s ORDER BY id DESC LIMIT %s",
            [*([value] if value else []), before or 2**62, n],
        )
    )


def of(values: Collection[str], n: int) -> tuple[Seen, ...]:
    """Return what was detected about some values, newest first."""
    return tuple(
        sql.rows(
            _seen,
            f"{_SEEN} WHERE value IN ({sql.marks(len(values))}) ORDER BY at DESC, id DESC LIMIT %s",
            [*values, n],
        )
    )


def by_uid(place: str, uid: str) -> Detection | None:
    """Return a detection of a place by its own id."""
    found = sql.row(_seen, f"{_SEEN} WHERE place = %s AND uid = %s", [place[:80], uid[:64]])
    return found.detection if found else None


def sums(value: str, rule: str, start: float, end: float) -> Mapping[str, int]:
    """Return how often a rule's was told about a value in a window, by place."""
    rows = sql.query(
        "SELECT place, sum(count) FROM intrusions_detection WHERE value = %s AND at > %s AND at <= %s AND rule = %s"
        " GROUP BY place",
        [value, start, end, rule],
    )
    return {str(place): int(n or 0) for place, n in rows}


def tallies(start: float) -> tuple[Tally, ...]:
    """Return what each rule found since an instant, the one that found most first."""
    rows = sql.query(
        "SELECT rule, count(*), count(DISTINCT value), sum(simulated), max(at) FROM intrusions_detection WHERE at >= %s"
        " GROUP BY rule ORDER BY 2 DESC",
        [start],
    )
    return tuple(
        Tally(str(rule), int(n or 0), int(targets or 0), int(quiet or 0), float(at or 0))
        for rule, n, targets, quiet, at in rows
    )


def moments(start: float, end: float) -> list[sql.Row]:
    """Return instant, place, rule and service of each detection in a window."""
    return sql.query(
        "SELECT at, place, rule, service FROM intrusions_detection WHERE at >= %s AND at < %s", [start, end]
    )


def tally(by: Sequence[str], start: float, end: float) -> list[sql.Row]:
    """Return how many detections there were in a window, for each set of values of the columns in `by`."""
    columns = ", ".join(by)
    return sql.query(
        f"SELECT {columns + ', ' if by else ''}count(*) FROM intrusions_detection WHERE at >= %s AND at < %s"  # noqa: S608 - names of ours
        + (f" GROUP BY {columns}" if by else ""),
        [start, end],
    )


def drop(before: float, n: int) -> int:
    """Delete up to `n` detections older than an instant, or beyond those that are kept; return how many."""
    newest = sql.query_one("SELECT max(id) FROM intrusions_detection")
    floor = int((newest[0] if newest else 0) or 0) - MOST
    return sql.execute(
        "DELETE FROM intrusions_detection WHERE id IN"
        " (SELECT id FROM intrusions_detection WHERE at < %s OR id <= %s LIMIT %s)",
        [before, floor, n],
    )


def _seen(number: int, place: str, value: str, body: bytes) -> Seen:
    return Seen(id=number, place=place, value=value, detection=_UNPACK(bytes(body)))


def simulated(start: float) -> list[tuple[str, str]]:
    """Return place and rule of what was only simulated since an instant."""
    rows = sql.query(
        "SELECT DISTINCT place, rule FROM intrusions_detection WHERE at >= %s AND simulated = 1", [start]
    )
    return [(str(place), str(rule)) for place, rule in rows]
