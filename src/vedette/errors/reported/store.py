"""The only SQL of the book of browsers' reports. Within the caller's transaction."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.errors.reported import browsers
from vedette.errors.reported.types import KnownPolicy, ReportLine
from vedette.plumbing.db import sql

MOST_A_DAY = 500
MOST_READ = 20_000  # lines of days, the most frequent
MOST_POLICIES = 20  # of a project
SEVERAL = 2  # browsers
OTHER = "…"  # stands for what comes once a day of a project has `MOST_A_DAY` lines
Key = tuple[str, str, str]  # kind, what, source


class Sum(msgspec.Struct):
    """What a batch adds to a line."""

    page: str
    first_at: float
    last_at: float
    n: int = 0
    watched: int = 0
    weight: float = 0.0
    browsers: bytes = b""


_ADD = """INSERT INTO errors_report (project, day, kind, what, source, page, n, watched, weight, browsers, first_at, last_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (project, day, kind, what, source) DO UPDATE SET page = excluded.page, n = n + excluded.n,
    watched = watched + excluded.watched, weight = weight + excluded.weight, browsers = excluded.browsers,
    first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)"""
_KNOW = """INSERT INTO errors_policy (project, text, at, browsers) VALUES (%s, %s, %s, %s)
    ON CONFLICT (project, text) DO UPDATE SET at = excluded.at, browsers = excluded.browsers"""


def add(project: int, day: int, sums: Mapping[Key, Sum]) -> None:
    """Add what a batch brought of a project's day; beyond `MOST_A_DAY` lines, what is new goes into one of its kind."""
    known = dict(
        sql.rows(
            lambda kind, what, source, seen: ((kind, what, source), bytes(seen)),
            "SELECT kind, what, source, browsers FROM errors_report WHERE project = %s AND day = %s",
            (project, day),
        )
    )
    found: dict[Key, Sum] = {}
    for key, one in sums.items():
        kept = (
            key if key in known or len(known.keys() | found.keys()) < MOST_A_DAY else (key[0], OTHER, OTHER)
        )
        found[kept] = one if kept not in found else _both(found[kept], one)
    rows = [
        (project, day, *key, one.page, one.n, one.watched, one.weight,
         browsers.union(known.get(key, b""), one.browsers), one.first_at, one.last_at)
        for key, one in found.items()
    ]  # fmt: skip
    sql.executemany(_ADD, rows)


def _both(one: Sum, other: Sum) -> Sum:
    return Sum(
        other.page, min(one.first_at, other.first_at), max(one.last_at, other.last_at), one.n + other.n,
        one.watched + other.watched, one.weight + other.weight, browsers.union(one.browsers, other.browsers),
    )  # fmt: skip


def lines(project: int, first_day: int) -> list[ReportLine]:
    """Return what the days from one on say, a line for each thing, the most frequent first."""
    columns = "kind, what, source, page, n, watched, weight, browsers, first_at, last_at"
    rows = sql.query(
        f"SELECT {columns} FROM (SELECT * FROM errors_report WHERE project = %s AND day >= %s"  # noqa: S608 - our own names
        " ORDER BY n DESC LIMIT %s) ORDER BY day",
        (project, first_day, MOST_READ),
    )
    found: dict[Key, Sum] = {}
    for kind, what, source, page, n, watched, weight, seen, first, last in rows:
        one = msgspec.convert(
            (page, first, last, n, watched, weight), tuple[str, float, float, int, int, float]
        )
        key = (str(kind), str(what), str(source))
        summed = Sum(*one, browsers=bytes(seen) if isinstance(seen, bytes) else b"")
        found[key] = _both(found[key], summed) if key in found else summed
    made = [_line(key, one) for key, one in found.items()]
    return sorted(made, key=lambda line: (-line.n, line.kind, line.what, line.source))


def _line(key: Key, one: Sum) -> ReportLine:
    kind, what, source = key
    return ReportLine(
        kind=kind, what=what, source=source, page=one.page, n=one.n, watched=one.watched, weight=one.weight,
        browsers=min(one.n, browsers.count(one.browsers)), first_at=one.first_at, last_at=one.last_at,
    )  # fmt: skip


def projects_with(first_day: int) -> Sequence[tuple[int, int]]:
    """Return (project, reports) of the projects that had any from a day on."""
    statement = "SELECT project, sum(n) FROM errors_report WHERE day >= %s GROUP BY project"
    return sql.rows(lambda project, n: (int(project), int(n)), statement, (first_day,))


def know(project: int, policy: KnownPolicy) -> None:
    """Remember a policy that reports name; of many those that several browsers named, and the newest."""
    named = {one.text: one for one in policies(project)}
    before = named.get(policy.text, policy)
    named[policy.text] = KnownPolicy(
        policy.text, max(before.at, policy.at), browsers.union(before.browsers, policy.browsers)
    )
    kept = sorted(named.values(), key=lambda one: (browsers.count(one.browsers) < SEVERAL, -one.at))
    if named[policy.text] in kept[:MOST_POLICIES]:
        sql.execute(_KNOW, (project, *msgspec.structs.astuple(named[policy.text])))
    for one in kept[MOST_POLICIES:]:
        sql.execute("DELETE FROM errors_policy WHERE project = %s AND text = %s", (project, one.text))


def policies(project: int) -> list[KnownPolicy]:
    """Return the policies that reports of a project named."""
    statement = "SELECT text, at, browsers FROM errors_policy WHERE project = %s"
    return sql.rows(lambda text, at, seen: KnownPolicy(text, at, bytes(seen)), statement, (project,))


def known(project: int) -> KnownPolicy | None:
    """Return the newest policy that several browsers of a project named: one alone may say anything."""
    found = [one for one in policies(project) if browsers.count(one.browsers) >= SEVERAL]
    return max(found, key=lambda one: one.at, default=None)


def drop_before(day: int) -> int:
    """Delete the days before one; return how many lines went."""
    return sql.execute("DELETE FROM errors_report WHERE day < %s", (day,))


def forget_project(project: int) -> None:
    """Delete the book of a project."""
    sql.execute("DELETE FROM errors_report WHERE project = %s", (project,))
    sql.execute("DELETE FROM errors_policy WHERE project = %s", (project,))
