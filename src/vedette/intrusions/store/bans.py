"""SQL of what is claimed about whom and what is in force."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from vedette.intrusions.types import Ban, Claim
from vedette.plumbing.db import sql
from vedette.wire.agent.deciding import targets
from vedette.wire.agent.deciding.types import Network, Past, Target
from vedette.wire.agent.types import Decision, Measure, Scope

_BAN = "SELECT seq, scope, value, measure, at, until, reason, rule, origin FROM intrusions_ban"
_CLAIM = (
    "SELECT id, scope, value, measure, at, until, reason, origin, rule, detection, simulated, ended_at, ended_why"
    " FROM intrusions_claim"
)
CHANGES, FORGOTTEN = "changes", "forgotten"


def claim(found: Sequence[Decision]) -> int:
    """Insert decisions that are not known yet; return how many there were."""
    return sql.executemany(
        "INSERT INTO intrusions_claim (origin, uid, scope, value, measure, at, until, reason, rule, detection, simulated,"  # noqa: S608 - marks alone
        f" ended_at, ended_why) VALUES ({sql.marks(13)}) ON CONFLICT (origin, uid) DO NOTHING",
        [
            (
                one.origin[:90], one.id[:64], one.scope, one.value, one.measure, one.at, one.until, one.reason[:500],
                one.rule[:80], one.detection[:64], one.simulated, None, "",
            )
            for one in found
        ],
    )  # fmt: skip


def is_claimed(origin: str, uid: str) -> bool:
    """Tell whether a decision is known."""
    found = sql.query_one(
        "SELECT 1 FROM intrusions_claim WHERE origin = %s AND uid = %s", [origin[:90], uid[:64]]
    )
    return found is not None


def live(targets: Collection[Target], now: float) -> Mapping[Target, list[Claim]]:
    """Return the claims about some targets that are neither over nor ended, simulated ones too."""
    found: dict[Target, list[Claim]] = {}
    for part in sql.batched(list(targets)):
        rows = sql.rows(
            _claim,
            f"{_CLAIM} WHERE (scope, value) IN ({_pairs(part)}) AND until > %s AND ended_at IS NULL",
            [*_values(part), now],
        )
        for one in rows:
            found.setdefault(one.target, []).append(one)
    return found


def of_value(values: Collection[str], n: int) -> tuple[Claim, ...]:
    """Return all that was ever claimed about some values, newest first."""
    return tuple(
        sql.rows(
            _claim,
            f"{_CLAIM} WHERE scope IN ('address', 'network') AND value IN ({sql.marks(len(values))})"
            " ORDER BY at DESC, id DESC LIMIT %s",
            [*values, n],
        )
    )


def simulated(since: float, n: int) -> tuple[Claim, ...]:
    """Return what would have been done since an instant, newest first."""
    return tuple(
        sql.rows(_claim, f"{_CLAIM} WHERE at >= %s AND simulated = 1 ORDER BY at DESC LIMIT %s", [since, n])
    )


def end(targets: Collection[Target], why: str, now: float) -> int:
    """Note that all live claims about some targets are ended; return how many."""
    return sum(
        sql.execute(
            f"UPDATE intrusions_claim SET ended_at = %s, ended_why = %s WHERE (scope, value) IN ({_pairs(part)})"  # noqa: S608 - marks alone
            " AND until > %s AND ended_at IS NULL",
            [now, why[:300], *_values(part), now],
        )
        for part in sql.batched(list(targets))
    )


def end_of(origin: str, target: Target, why: str, now: float) -> int:
    """Note that one origin's claims about a target are ended."""
    return sql.execute(
        "UPDATE intrusions_claim SET ended_at = %s, ended_why = %s WHERE scope = %s AND value = %s AND origin = %s"
        " AND until > %s AND ended_at IS NULL",
        [now, why[:300], target.scope, target.value, origin, now],
    )


def named(targets: Collection[Target], now: float) -> Mapping[Target, tuple[float, str]]:
    """Return until when, and by which list, some targets are named by lists: the list that counts longest."""
    found: dict[Target, tuple[float, str]] = {}
    for part in sql.batched(list(targets)):
        rows = sql.query(
            "SELECT e.scope, e.value, e.until, l.name FROM intrusions_entry e JOIN intrusions_list l ON l.id = e.list"  # noqa: S608 - marks alone
            f" WHERE e.value IN ({sql.marks(len(part))}) AND e.until > %s AND l.enabled = 1 ORDER BY e.until",
            [*(one.value for one in part), now],
        )
        found |= {Target(Scope(str(s)), str(v)): (float(u or 0), str(name)) for s, v, u, name in rows}
    return found


def bans(targets: Collection[Target]) -> Mapping[Target, Ban]:
    """Return what is in force, or was, about some targets."""
    found: dict[Target, Ban] = {}
    for part in sql.batched(list(targets)):
        rows = sql.rows(_ban, f"{_BAN} WHERE (scope, value) IN ({_pairs(part)})", _values(part))
        found |= {one.target: one for one in rows}
    return found


def changed(seq: int, n: int) -> tuple[Ban, ...]:
    """Return what changed after a place among changes, in order."""
    return tuple(sql.rows(_ban, f"{_BAN} WHERE seq > %s ORDER BY seq LIMIT %s", [seq, n]))


def put(found: Iterable[Ban]) -> None:
    """Write what is in force."""
    sql.executemany(
        "INSERT INTO intrusions_ban (scope, value, seq, measure, at, until, reason, rule, origin)"  # noqa: S608 - marks alone
        f" VALUES ({sql.marks(9)}) ON CONFLICT (scope, value) DO UPDATE SET seq = excluded.seq,"
        " measure = excluded.measure, at = excluded.at, until = excluded.until, reason = excluded.reason,"
        " rule = excluded.rule, origin = excluded.origin",
        [
            (*one.target, one.seq, one.measure, one.at, one.until, one.reason[:500], one.rule, one.origin)
            for one in found
        ],
    )


def standing(now: float) -> tuple[Target, ...]:
    """Return whose bans stand."""
    rows = sql.query("SELECT scope, value FROM intrusions_ban WHERE until > %s", [now])
    return tuple(Target(Scope(str(scope)), str(value)) for scope, value in rows)


def networks(now: float) -> tuple[Ban, ...]:
    """Return the bans of networks that stand."""
    return tuple(sql.rows(_ban, f"{_BAN} WHERE scope = 'network' AND until > %s", [now]))


def page(now: float, after: tuple[float, str] | None, n: int, origin: str = "") -> tuple[Ban, ...]:
    """Return bans that stand, those that began last first, after an instant and value."""
    about = "AND origin = %s " if origin else ""
    rest = "AND (at, value) < (%s, %s) " if after else ""
    return tuple(
        sql.rows(
            _ban, f"{_BAN} WHERE until > %s {about}{rest}ORDER BY at DESC, value DESC LIMIT %s",
            [now, *([origin] if origin else []), *(after or ()), n],
        )
    )  # fmt: skip


def named_within(net: Network, now: float) -> tuple[Target, ...]:
    """Return what lists name and lies in a network, or holds it."""
    rows = sql.query("SELECT DISTINCT scope, value FROM intrusions_entry WHERE until > %s", [now])
    found = (Target(Scope(str(scope)), str(value)) for scope, value in rows)
    return tuple(
        one for one in found if (n := targets.network(one)) and n.version == net.version and n.overlaps(net)
    )


def count(now: float) -> int:
    """Return how many bans stand."""
    found = sql.query_one("SELECT count(*) FROM intrusions_ban WHERE until > %s", [now])
    return int(found[0] or 0) if found else 0


def mark(name: str) -> int:
    """Return a counter, 0 at first."""
    found = sql.query_one("SELECT seq FROM intrusions_mark WHERE name = %s", [name])
    return int(found[0] or 0) if found else 0


def set_mark(name: str, seq: int) -> None:
    """Set a counter."""
    sql.execute(
        "INSERT INTO intrusions_mark (name, seq) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
        [name, seq],
    )


def forget_over(before: float, unban_before: float) -> int:
    """Delete bans that are over or lifted since an instant, and remember up to where changes are forgotten."""
    over = sql.query_one("SELECT max(seq) FROM intrusions_ban WHERE until = 0 AND at < %s", [before])
    if over and over[0]:
        set_mark(FORGOTTEN, max(mark(FORGOTTEN), int(over[0])))
    gone = sql.execute(
        "DELETE FROM intrusions_ban WHERE (until = 0 AND at < %s) OR (until > 0 AND until < %s)",
        [before, before],
    )
    return gone + sql.execute(
        "DELETE FROM intrusions_past WHERE since < %s AND (unbanned_at IS NULL OR unbanned_at < %s)",
        [unban_before, unban_before],
    )


def drop_claims(before: float, n: int) -> int:
    """Delete up to `n` claims that are older than an instant and over; return how many."""
    return sql.execute(
        "DELETE FROM intrusions_claim WHERE id IN (SELECT id FROM intrusions_claim WHERE at < %s AND until < %s LIMIT %s)",
        [before, before, n],
    )


def past(targets: Collection[Target]) -> Mapping[Target, tuple[Past, float | None]]:
    """Return what is remembered of some targets, and when each was unbanned."""
    found: dict[Target, tuple[Past, float | None]] = {}
    for part in sql.batched(list(targets)):
        rows = sql.query(
            f"SELECT scope, value, steps, since, unbanned_at FROM intrusions_past WHERE (scope, value) IN ({_pairs(part)})",  # noqa: S608 - marks alone
            _values(part),
        )
        for scope, value, steps, since, at in rows:
            key = Target(Scope(str(scope)), str(value))
            found[key] = Past(int(steps or 0), float(since or 0)), None if at is None else float(at)
    return found


def remember(target: Target, past: Past, unbanned_at: float | None) -> None:
    """Remember how many decisions about a target count, and when it was unbanned."""
    sql.execute(
        "INSERT INTO intrusions_past (scope, value, steps, since, unbanned_at) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (scope, value) DO UPDATE SET steps = excluded.steps, since = excluded.since,"
        " unbanned_at = excluded.unbanned_at",
        [*target, past.steps, past.since, unbanned_at],
    )


def tell(value: str, people: str) -> None:
    """Remember that people were told of real users who are banned by a value."""
    sql.execute(
        "INSERT INTO intrusions_told (value, people) VALUES (%s, %s) ON CONFLICT (value) DO UPDATE SET people = excluded.people",
        [value, people],
    )


def told(values: Collection[str] | None = None) -> Mapping[str, str]:
    """Return who the real users are that some values (or any) ban, as people were told."""
    if values is None:
        rows = sql.query("SELECT value, people FROM intrusions_told")
        return {str(value): str(people) for value, people in rows}
    found: dict[str, str] = {}
    for part in sql.batched(list(values)):
        rows = sql.query(
            f"SELECT value, people FROM intrusions_told WHERE value IN ({sql.marks(len(part))})",  # noqa: S608 - marks alone
            part,
        )
        found |= {str(value): str(people) for value, people in rows}
    return found


def untell(values: Iterable[str]) -> None:
    """Forget that people were told of real users."""
    sql.executemany("DELETE FROM intrusions_told WHERE value = %s", [(value,) for value in values])


def over(now: float) -> tuple[Target, ...]:
    """Return whose ban is over by itself, of those that people were told of."""
    rows = sql.query(
        "SELECT b.scope, b.value FROM intrusions_told t JOIN intrusions_ban b ON b.value = t.value WHERE b.until > 0 AND b.until <= %s",
        [now],
    )
    return tuple(Target(Scope(str(scope)), str(value)) for scope, value in rows)


def tally(by: Sequence[str], since: float, until: float) -> list[sql.Row]:
    """Return how many bans were claimed in a window, for each set of values of the columns in `by`; no simulated ones."""
    columns = ", ".join(by)
    return sql.query(
        f"SELECT {columns + ', ' if by else ''}count(*) FROM intrusions_claim WHERE at >= %s AND at < %s AND simulated = 0"  # noqa: S608 - names of ours
        + (f" GROUP BY {columns}" if by else ""),
        [since, until],
    )


def moments(since: float, until: float) -> list[sql.Row]:
    """Return instant, origin and rule of each ban that was claimed in a window."""
    return sql.query(
        "SELECT at, origin, rule FROM intrusions_claim WHERE at >= %s AND at < %s AND simulated = 0",
        [since, until],
    )


def fresh(since: float) -> int:
    """Return how many targets were first decided about since an instant."""
    found = sql.query_one(
        "SELECT count(DISTINCT value) FROM intrusions_claim c WHERE at >= %s AND origin NOT LIKE 'person:%%' AND NOT EXISTS"
        " (SELECT 1 FROM intrusions_claim o WHERE o.scope = c.scope AND o.value = c.value AND o.at < %s)",
        [since, since],
    )
    return int(found[0] or 0) if found else 0


def _pairs(part: Sequence[Target]) -> str:
    return sql.multiplied("VALUES (%s, %s)", len(part))


def _values(part: Sequence[Target]) -> list[sql.Value]:
    return [value for one in part for value in one]


def _ban(  # noqa: PLR0917 - the columns, in order
    seq: int,
    scope: str,
    value: str,
    measure: str,
    at: float,
    until: float,
    reason: str,
    rule: str,
    origin: str,
) -> Ban:
    return Ban(seq, Target(Scope(scope), value), Measure(measure), at, until, reason, rule, origin)


def _claim(*columns: sql.Value) -> Claim:
    number, scope, value, measure, at, until, reason, origin, rule, detection, simulated, ended, why = columns
    return Claim(
        id=int(number or 0), target=Target(Scope(str(scope)), str(value)), measure=Measure(str(measure)),
        at=float(at or 0), until=float(until or 0), reason=str(reason), origin=str(origin), rule=str(rule),
        detection=str(detection), simulated=bool(simulated), ended_at=None if ended is None else float(ended),
        ended_why=str(why),
    )  # fmt: skip
