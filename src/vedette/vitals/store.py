"""The only SQL of web vitals."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.plumbing.db import sql
from vedette.vitals.types import OTHER, Measured, Vital
from vedette.wire.sketch import Sketch

MOST_PAGES = 100
Q = 0.75
_SCALE = {Vital.CLS: 1_000.0}  # a sketch tells apart from 0.01 on: scores are kept in thousandths
_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(Sketch).decode
_MARK = "journal"
RARE = 10  # values of a vital on its best day: a page with fewer gives its place back when all are taken
_HOURS, _DAYS = "vitals_hour", "vitals_day"
Key = tuple[int, str, int]  # page, vital, hour or day
Place = tuple[int, str, Vital]  # project, page's name, vital


def mark() -> int:
    """Return the highest seq that is taken; 0 before the first."""
    row = sql.query_one("SELECT seq FROM vitals_mark WHERE name = %s", (_MARK,))
    return int(row[0] or 0) if row else 0


def set_mark(seq: int) -> None:
    """Remember that everything up to `seq` is taken; in the caller's transaction."""
    statement = "INSERT INTO vitals_mark (name, seq) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"
    sql.execute(statement, (_MARK, seq))


def add(values: Mapping[tuple[int, str, Vital, int], Sequence[float]]) -> None:
    """Add values by project, page, vital and hour, in the caller's transaction."""
    names: dict[int, dict[str, None]] = {}
    for project, page, _, _ in values:
        names.setdefault(project, {})[page] = None
    ids = {project: _ids(project, pages) for project, pages in names.items()}
    hours: dict[Key, list[float]] = {}
    days: dict[Key, list[float]] = {}
    for (project, page, vital, hour), found in values.items():
        scaled = [value * _SCALE.get(vital, 1.0) for value in found]
        hours.setdefault((ids[project][page], vital.value, hour), []).extend(scaled)
        days.setdefault((ids[project][page], vital.value, hour // 24), []).extend(scaled)
    _merge(_HOURS, hours)
    _merge(_DAYS, days)


def _ids(project: int, wanted: Iterable[str]) -> dict[str, int]:
    """Return the ids of pages; once `MOST_PAGES` are told apart, what is new is one of the others."""
    found = _known(project)
    new = [name for name in wanted if name not in found]
    kept = new[: max(0, MOST_PAGES - len(found))]
    if len(new) > len(kept) and OTHER not in found:
        kept.append(OTHER)
    sql.executemany(
        "INSERT INTO vitals_page (project, name) VALUES (%s, %s)",
        [(project, name) for name in dict.fromkeys(kept)],
    )
    found = _known(project) if kept else found
    return {name: found.get(name, found.get(OTHER, 0)) for name in wanted}


def _known(project: int) -> dict[str, int]:
    statement = "SELECT name, id FROM vitals_page WHERE project = %s"
    return dict(sql.rows(lambda name, id_: (str(name), int(id_)), statement, (project,)))


def _merge(table: str, added: Mapping[Key, Sequence[float]]) -> None:
    rows = []
    for key, values in added.items():
        held = sql.query_one(f"SELECT sketch FROM {table} WHERE page = %s AND vital = %s AND at = %s", key)  # noqa: S608 - our own names
        before = _DECODE(held[0]) if held and isinstance(held[0], bytes) else Sketch()
        merged = before.merged(Sketch.of(values))
        rows.append((*key, merged.count, _ENCODE(merged)))
    sql.executemany(
        f"INSERT INTO {table} (page, vital, at, n, sketch) VALUES (%s, %s, %s, %s, %s)"  # noqa: S608 - our own names
        " ON CONFLICT (page, vital, at) DO UPDATE SET n = excluded.n, sketch = excluded.sketch",
        rows,
    )


def hours(start: int, end: int, project: int | None = None) -> list[tuple[Place, int, Sketch]]:
    """Return the sketches of the hours from `start` up to before `end`, with project, page and vital."""
    return _read(_HOURS, start, end, project)


def days(start: int, end: int, project: int | None = None) -> list[tuple[Place, int, Sketch]]:
    """Return the sketches of the UTC days from `start` up to before `end`, with project, page and vital."""
    return _read(_DAYS, start, end, project)


def _read(table: str, start: int, end: int, project: int | None) -> list[tuple[Place, int, Sketch]]:
    only, values = ("", ()) if project is None else (" AND p.project = %s", (project,))
    return sql.rows(
        lambda owner, name, vital, at, sketch: (
            (int(owner), str(name), Vital(vital)),
            int(at),
            _DECODE(sketch),
        ),
        f"SELECT p.project, p.name, h.vital, h.at, h.sketch FROM {table} h JOIN vitals_page p ON p.id = h.page"  # noqa: S608 - our own names
        f" WHERE h.at >= %s AND h.at < %s{only}",
        (start, end, *values),
    )


def measured(vital: Vital, sketches: Iterable[Sketch]) -> Measured:
    """Return the 75th percentile of what sketches hold."""
    whole = Sketch.union(sketches)
    p75 = whole.quantile(Q)
    return Measured(None if p75 is None else p75 / _SCALE.get(vital, 1.0), whole.count)


def worse() -> dict[Place, float]:
    """Return what is told to be worse, and since when."""
    statement = (
        "SELECT p.project, p.name, w.vital, w.since FROM vitals_worse w JOIN vitals_page p ON p.id = w.page"
    )
    return dict(
        sql.rows(lambda project, name, vital, since: ((project, name, Vital(vital)), float(since)), statement)
    )


def begin_worse(places: Iterable[Place], now: float) -> None:
    """Remember what is told to be worse."""
    sql.executemany(
        "INSERT OR IGNORE INTO vitals_worse (page, vital, since) SELECT id, %s, %s FROM vitals_page WHERE project = %s AND name = %s",
        [(vital.value, now, project, name) for project, name, vital in places],
    )


def end_worse(places: Iterable[Place]) -> None:
    """Forget what is worse no more."""
    sql.executemany(
        "DELETE FROM vitals_worse WHERE vital = %s AND page IN (SELECT id FROM vitals_page WHERE project = %s AND name = %s)",
        [(vital.value, project, name) for project, name, vital in places],
    )


def drop_before(hour: int, day: int) -> int:
    """Delete hours and days that are over, and pages of which nothing is kept; return how many rows went."""
    gone = sql.execute("DELETE FROM vitals_hour WHERE at < %s", (hour,))
    gone += sql.execute("DELETE FROM vitals_day WHERE at < %s", (day,))
    gone += sql.execute("DELETE FROM vitals_page WHERE id NOT IN (SELECT page FROM vitals_day)")
    sql.execute("DELETE FROM vitals_worse WHERE page NOT IN (SELECT id FROM vitals_page)")
    return gone


def give_back_places(day: int) -> int:
    """Forget, where a project has no place left, the pages of which few were loaded, and none since a day; return how many rows went."""
    full = "SELECT project FROM vitals_page GROUP BY project HAVING count(*) >= %s"
    rare = (
        f"SELECT p.id FROM vitals_page p JOIN vitals_day d ON d.page = p.id WHERE p.project IN ({full})"  # noqa: S608 - our own names
        " AND p.name <> %s GROUP BY p.id HAVING max(d.n) < %s AND max(d.at) < %s"
    )
    ids = sql.rows(int, rare, (MOST_PAGES, OTHER, RARE, day))
    return sum(
        sql.execute(f"DELETE FROM {table} WHERE page = %s", (one,))  # noqa: S608 - our own names
        for table in (_HOURS, _DAYS)
        for one in ids
    )


def forget_project(project: int) -> None:
    """Delete what is kept of a project, in the caller's transaction."""
    own = "SELECT id FROM vitals_page WHERE project = %s"
    for table in (_HOURS, _DAYS, "vitals_worse"):
        sql.execute(f"DELETE FROM {table} WHERE page IN ({own})", (project,))  # noqa: S608 - our own names
    sql.execute("DELETE FROM vitals_page WHERE project = %s", (project,))
