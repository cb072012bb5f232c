"""SQL of lists of monitors: counts by what they have in common, rows worst first, and how the day of many went."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from vedette.monitors.listing import Count, Shown, Wanted
from vedette.monitors.store.results import HOURS
from vedette.monitors.tallying import Tally
from vedette.monitors.types import Change, State
from vedette.plumbing.db import sql

_TALLY = msgspec.msgpack.Decoder(Tally).decode
MOST_CHANGES = 2_000  # of one monitor
# Every state is >= '': it has the planner take the index that holds states, and read no body (20 ms of 10,000 monitors).
_FROM = "FROM monitors_monitor m LEFT JOIN monitors_standing s ON s.monitor = m.id AND s.state >= ''"
_SHOWN = "CASE WHEN m.paused THEN 'paused' ELSE coalesce(s.state, 'waiting') END"
_RANK = (
    f"CASE {_SHOWN} {' '.join(f'''WHEN '{one.value}' THEN {rank}''' for rank, one in enumerate(Shown))} END"
)
Place = tuple[int, str, int]  # rank, name, id


def counts(text: str) -> list[Count]:
    """Return how many monitors there are whose name or slug holds a text, by project, kind, tags and state."""
    where, values = _where(Wanted(text=text))
    rows = sql.query(
        f"SELECT m.project, m.kind, m.tags, {_SHOWN}, count(*) {_FROM} {where} GROUP BY 1, 2, 3, 4",
        values,
    )
    return [
        Count(int(p or 0), str(kind), tuple(str(tags).split()), Shown(str(state)), int(n or 0))
        for p, kind, tags, state, n in rows
    ]


def worst(wanted: Wanted, states: Collection[Shown], after: Place | None, n: int) -> list[Place]:
    """Return the places of up to `n` monitors that are wanted and in one of some states, worst first, then by name."""
    where, values = _where(wanted, states)
    if after is not None:
        where += f" AND ({_RANK}, m.name, m.id) > (%s, %s, %s)"
        values += list(after)
    rows = sql.query(
        f"SELECT {_RANK} AS rank, m.name, m.id {_FROM} {where} ORDER BY rank, m.name, m.id LIMIT %s",
        [*values, n],
    )
    return [(int(rank or 0), str(name), int(number or 0)) for rank, name, number in rows]


def changes(
    monitors: Collection[int], start: float, end: float, most: int = MOST_CHANGES
) -> Mapping[int, tuple[Change, ...]]:
    """Return the changes of many monitors up to an instant, oldest first, each with the last one before `start`.

    Of each at most the last so many (-1: every one).
    """
    if not monitors:
        return {}
    rows = sql.query(
        f"""WITH wanted (monitor) AS (VALUES {", ".join(["(%s)"] * len(monitors))}),
            begin (monitor, at) AS (SELECT monitor, (SELECT max(at) FROM monitors_change c
                WHERE c.monitor = wanted.monitor AND c.at <= %s) FROM wanted)
        SELECT c.monitor, c.at, c.state FROM begin CROSS JOIN monitors_change c ON c.id IN (
            SELECT id FROM monitors_change e WHERE e.monitor = begin.monitor AND e.at >= coalesce(begin.at, 0)
                AND e.at < %s ORDER BY e.at DESC, e.id DESC LIMIT %s)
        ORDER BY c.monitor, c.at DESC, c.id DESC""",  # noqa: S608
        [*monitors, start, end, most],
    )
    found: dict[int, list[Change]] = {}
    for monitor, at, state in reversed(rows):
        found.setdefault(int(monitor or 0), []).append(Change(float(at or 0), State(str(state))))
    return {monitor: tuple(each) for monitor, each in found.items()}


def hours(monitors: Collection[int], start: float) -> Mapping[int, Mapping[int, Tally]]:
    """Return what the packed hours of many monitors come to since an instant, by monitor and beginning."""
    found: dict[int, dict[int, Tally]] = {}
    for part in sql.batched(list(monitors)):
        rows = sql.query(
            f"SELECT monitor, at, body FROM {HOURS} WHERE monitor IN ({sql.marks(len(part))}) AND at >= %s",  # noqa: S608
            [*part, int(start)],
        )
        for monitor, at, body in rows:
            tally = _TALLY(body if isinstance(body, bytes) else b"")
            found.setdefault(int(monitor or 0), {})[int(at or 0)] = tally
    return found


def shared_slugs(slugs: Collection[str]) -> frozenset[str]:
    """Return which slugs more than one monitor has (of several projects)."""
    rows = sql.query(
        f"SELECT slug FROM monitors_monitor WHERE slug IN ({sql.marks(len(slugs))}) GROUP BY slug HAVING count(*) > 1",  # noqa: S608
        list(slugs),
    )
    return frozenset(str(slug) for (slug,) in rows)


def _where(wanted: Wanted, states: Collection[Shown] = ()) -> tuple[str, list[sql.Value]]:
    parts: list[tuple[str, Sequence[sql.Value]]] = []
    if wanted.text:
        like = f"%{wanted.text.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        parts.append(("(m.name LIKE %s ESCAPE '!' OR m.slug LIKE %s ESCAPE '!')", (like, like)))
    if wanted.project is not None:
        parts.append(("m.project = %s", (wanted.project,)))
    if wanted.kind:
        parts.append(("m.kind = %s", (wanted.kind,)))
    if wanted.tag:
        parts.append(("instr(m.tags, %s) > 0", (f" {wanted.tag} ",)))
    if states:
        parts.append((f"{_SHOWN} IN ({sql.marks(len(states))})", [state.value for state in states]))
    clauses = " AND ".join(text for text, _ in parts) or "true"
    return f"WHERE {clauses}", [value for _, values in parts for value in values]
