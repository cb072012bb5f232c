"""Write a batch of events into the issues: each issue, tag, user and bucket once. Within the caller's transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from vedette.errors import lifecycle, ranks
from vedette.errors.lifecycle import Arrival, Standing
from vedette.errors.origins import store as origins
from vedette.errors.releasing import Release
from vedette.errors.store import counting, grouped, tagging, words
from vedette.errors.store.standing import Stored, by_hash
from vedette.errors.tallying import Tally
from vedette.errors.types import Transition
from vedette.plumbing.db import sql

_ENCODE = msgspec.msgpack.Encoder().encode
_INSERTED = (
    "id, project, number, state, rank, level, title, kind, message, culprit, platform, logger, handled, first_seen,"
    " last_seen, events, users, first_release, last_release, assignee, changed_at, muted_until, mute_events,"
    " mute_users, mute_usual, fixed_after, fixed_in, component, parts, tag_values, words"
)
_INSERT = f"INSERT INTO errors_issue ({_INSERTED}) VALUES ({sql.marks(_INSERTED.count(',') + 1)})"  # noqa: S608
_UPDATE = (
    "UPDATE errors_issue SET state = %s, rank = %s, level = %s, title = %s, kind = %s, message = %s, culprit = %s,"
    " handled = %s, last_seen = max(last_seen, %s), first_seen = min(first_seen, %s), events = %s, users = %s,"
    " last_release = CASE WHEN %s = '' THEN last_release ELSE %s END, changed_at = %s, muted_until = %s,"
    " mute_events = %s, mute_users = %s, mute_usual = %s, fixed_after = %s, fixed_in = %s WHERE id = %s"
)
MESSAGE = 500  # characters of a message that an issue keeps
#: Tells of a release of a project (by id) when it was first deployed or named by an event.
Seen = Callable[[int, str], Release]


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch did to one issue. `light` are its events without details, by group (or by the issue itself)."""

    id: int
    number: int
    tally: Tally
    standing: Standing
    transition: Transition
    reason: str
    is_new: bool
    tag_values: int
    words: int
    light: Mapping[int, int]


def apply(tallies: dict[bytes, Tally], now: float, seen: Seen) -> list[Applied]:
    """Write a batch and return what it did to each issue; `seen` is asked of issues that wait for a release."""
    known = by_hash(list(tallies))
    light = _light(tallies, known)
    # The groups of merged issues come first: their tallies become one below.
    joined = grouped.count(
        (s.group, s.id, tallies[hash_]) for hash_, s in known.items() if s.group is not None
    )
    merged = _by_issue(tallies, known)
    users = _new_users([(s.id, tally) for s, tally in merged if s and s.id not in joined]) | joined
    arrivals = {s.id: _arrival(s, tally, users.get(s.id, 0), seen) for s, tally in merged if s}
    applied = [_known(s, tally, arrivals[s.id], light[s.id], now) for s, tally in merged if s]
    applied += _fresh([tally for stored, tally in merged if stored is None], now)
    _write(applied)
    _describe([a for a in applied if a.id not in joined], [a for a in applied if a.id in joined])
    _count(applied)
    origins.count(a.tally for a in applied)
    return applied


def _light(tallies: dict[bytes, Tally], known: dict[bytes, Stored]) -> dict[int, Counter[int]]:
    """Count by issue, and by group within it, the events without details; an issue's tallies become one later."""
    found: dict[int, Counter[int]] = {stored.id: Counter() for stored in known.values()}
    for hash_, stored in known.items():
        found[stored.id][stored.group or stored.id] += tallies[hash_].light
    return found


def _describe(whole: Sequence[Applied], merged: Sequence[Applied]) -> None:
    """Write tags and what issues are found by; of merged ones, words and names are those of their groups."""
    tag_values = tagging.add([(a.id, a.tally, a.tag_values) for a in whole])
    words.write([(a.id, a.tally, a.words, tag_values[a.id]) for a in whole])
    tagging.add([(a.id, a.tally, a.tag_values) for a in merged], tagging.MERGED)
    grouped.name([(a.id, a.standing.state) for a in merged])


def _by_issue(tallies: dict[bytes, Tally], known: dict[bytes, Stored]) -> list[tuple[Stored | None, Tally]]:
    """Pair tallies with the issues they belong to; two hashes of one issue become one tally."""
    found: dict[int, tuple[Stored | None, Tally]] = {}
    fresh: list[tuple[Stored | None, Tally]] = []
    for hash_, tally in tallies.items():
        stored = known.get(hash_)
        if stored is None:
            fresh.append((None, tally))
        elif stored.id in found:
            found[stored.id][1].absorb(tally)
        else:
            found[stored.id] = (stored, tally)
    return [*found.values(), *fresh]


def _arrival(stored: Stored, tally: Tally, users: int, seen: Seen) -> Arrival:
    """Return what came; more is asked only of an issue that waits for a rate or for a release."""
    standing, last_hour, fixed_in = stored.standing, 0, None
    releases: tuple[Release, ...] = ()
    if standing.mute_usual is not None:
        last_hour = _last_hour(stored, tally)
    if standing.awaits_release:
        names = sorted(value for key, value in tally.tags if key == "release" and value)
        releases = tuple(seen(stored.project, name) for name in names)
        fixed_in = seen(stored.project, standing.fixed_in) if standing.fixed_in else None
    return Arrival(
        events=tally.events, users=users, at=tally.last_at, last_hour=last_hour, releases=releases, fixed_in=fixed_in
    )  # fmt: skip


def _last_hour(stored: Stored, tally: Tally) -> int:
    """Count the events of the 60 minutes up to the last one, from the minute on in which it was muted.

    What came in that minute before is counted too; it is part of what was usual then.
    """
    first = max(int(tally.last_at // 60) - 59, int(stored.standing.changed_at // 60))
    came = sum(n for minute, n in tally.minutes.items() if minute >= first)
    return came + counting.since_minute(stored.id, first)


def _known(stored: Stored, tally: Tally, arrival: Arrival, light: Mapping[int, int], now: float) -> Applied:
    step = lifecycle.step(stored.standing, arrival, now)
    return Applied(
        id=stored.id, number=stored.number, tally=tally, standing=step.standing, transition=step.transition,
        reason=step.reason, is_new=False, tag_values=stored.tag_values, words=stored.words,
        light=light,
    )  # fmt: skip


def _fresh(tallies: Sequence[Tally], now: float) -> list[Applied]:
    """Give new issues their ids and numbers; the transaction holds the write lock, so nobody else can."""
    if not tallies:
        return []
    row = sql.query_one("SELECT seq FROM sqlite_sequence WHERE name = 'errors_issue'")
    last = int(row[0] or 0) if row else 0
    numbers = {project: _last_number(project) for project in {tally.project for tally in tallies}}
    applied = []
    for place, tally in enumerate(tallies, 1):
        numbers[tally.project] += 1
        arrival = Arrival(events=tally.events, users=len(tally.users), at=tally.last_at)
        step = lifecycle.step(None, arrival, now)
        applied.append(
            Applied(
                id=last + place, number=numbers[tally.project], tally=tally, standing=step.standing,
                transition=step.transition, reason=step.reason, is_new=True, tag_values=0, words=0,
                light={last + place: tally.light},
            )
        )  # fmt: skip
    return applied


def _last_number(project: int) -> int:
    """Return the highest number of a project, also of issues that were merged into others: they may come back."""
    highest = "SELECT max(number) AS n FROM errors_{} WHERE project = %s"
    statement = f"SELECT max(n) FROM ({highest.format('issue')} UNION ALL {highest.format('group')})"  # noqa: S608
    row = sql.query_one(statement, (project, project))
    return int(row[0] or 0) if row else 0


def _write(applied: Sequence[Applied]) -> None:
    fresh = [a for a in applied if a.is_new]
    sql.executemany(_INSERT, [_inserted(a) for a in fresh])
    sql.executemany(
        "INSERT INTO errors_hash (hash, issue, version) VALUES (%s, %s, %s)",
        [(a.tally.hash, a.id, a.tally.fingerprint.version) for a in fresh],
    )
    sql.executemany(_UPDATE, [_updated(a) for a in applied if not a.is_new])
    _add_users(applied)


def _inserted(a: Applied) -> tuple[sql.Value, ...]:
    event, s = a.tally.last, a.standing
    parts = _ENCODE(a.tally.fingerprint.parts)
    return (
        a.id, a.tally.project, a.number, str(s.state), ranks.rank(s.state, event.level), str(event.level),
        event.title, event.kind, event.message[:MESSAGE], event.culprit, event.platform, event.logger[:200],
        event.handled, a.tally.first_at, a.tally.last_at, s.events, s.users, a.tally.first_release, event.release or a.tally.first_release,
        None, s.changed_at, None, None, None, None, None, None, a.tally.fingerprint.component, parts, 0, 0,
    )  # fmt: skip


def _updated(a: Applied) -> tuple[sql.Value, ...]:
    event, s = a.tally.last, a.standing
    return (
        str(s.state), ranks.rank(s.state, event.level), str(event.level), event.title, event.kind,
        event.message[:MESSAGE], event.culprit, event.handled, a.tally.last_at, a.tally.first_at, s.events, s.users,
        event.release, event.release, s.changed_at, s.muted_until, s.mute_events, s.mute_users,
        s.mute_usual, s.fixed_after, s.fixed_in, a.id,
    )  # fmt: skip


def _new_users(known: Iterable[tuple[int, Tally]]) -> dict[int, int]:
    """Return how many users of each known issue were not known before."""
    fresh = {}
    for issue, tally in known:
        if tally.users:
            statement = (
                f"SELECT user FROM errors_user WHERE issue = %s AND user IN ({sql.marks(len(tally.users))})"  # noqa: S608
            )
            seen = sql.query(statement, (issue, *tally.users))
            fresh[issue] = len(tally.users) - len(seen)
    return fresh


def _add_users(applied: Sequence[Applied]) -> None:
    rows = []
    for a in applied:
        for user, aliases in a.tally.users.items():
            rows.append((a.id, user, 0))
            rows += [(a.id, alias, 1) for alias in aliases]
    sql.executemany("INSERT OR IGNORE INTO errors_user (issue, user, alias) VALUES (%s, %s, %s)", rows)


def _count(applied: Sequence[Applied]) -> None:
    """Add the events to their minutes and hours, for the issue and for its project."""
    minutes: Counter[tuple[int, int]] = Counter()
    for a in applied:
        for minute, n in a.tally.minutes.items():
            minutes[a.id, minute] += n
            minutes[-a.tally.project, minute] += n
    hours: Counter[tuple[int, int]] = Counter()
    for (issue, minute), n in minutes.items():
        hours[issue, minute // 60] += n
    for table, unit, counts in (("errors_minute", "minute", minutes), ("errors_hour", "hour", hours)):
        sql.executemany(
            f"INSERT INTO {table} (issue, {unit}, n) VALUES (%s, %s, %s)"  # noqa: S608 - names of our own
            f" ON CONFLICT (issue, {unit}) DO UPDATE SET n = n + excluded.n",
            [(issue, when, n) for (issue, when), n in counts.items()],
        )
