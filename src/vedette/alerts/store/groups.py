"""SQL of groups: which alerts stand in them, when they look next, and what each channel was told."""

import functools
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.alerts.dedup import Entry
from vedette.alerts.grouping import Pulse
from vedette.alerts.models import GroupRow
from vedette.alerts.routing import Destination
from vedette.alerts.store.alerts import COLUMNS, alert_of
from vedette.alerts.types import Alert, Group, Member
from vedette.alerts.whither import Way
from vedette.plumbing.db import sql

_COLUMNS = "id, key, labels, destination, first, last, due, looks, people"
_DUE = f"SELECT {_COLUMNS} FROM alerts_group WHERE due <= %s ORDER BY due, id LIMIT %s"  # noqa: S608 - constants
_NEXT = "SELECT MIN(due) FROM alerts_group WHERE due IS NOT NULL"
_ADD = """INSERT INTO alerts_group (key, route, labels, destination, looks, people)
    VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO UPDATE SET destination = excluded.destination,
    people = MAX(people, excluded.people)"""
_JOIN = """INSERT INTO alerts_member (group_id, alert_id, muted) VALUES (%s, %s, %s)
    ON CONFLICT (group_id, alert_id) DO NOTHING"""
_MEMBERS = f"""SELECT m.muted, {", ".join(f"a.{c.strip()}" for c in ("id, " + COLUMNS).split(","))}
    FROM alerts_member m JOIN alerts_alert a ON a.id = m.alert_id WHERE m.group_id = %s ORDER BY m.id"""  # noqa: S608 - constants
_ENTRIES = "SELECT channel, firing, resolved, at FROM alerts_notified WHERE group_id = %s"
_NOTE = """INSERT INTO alerts_notified (group_id, channel, firing, resolved, at) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (group_id, channel) DO UPDATE SET firing = excluded.firing, resolved = excluded.resolved, at = excluded.at"""
_LABELS = msgspec.json.Decoder(dict[str, str])
_NAMES = msgspec.json.Decoder(frozenset[str])
# Thousands of groups share a few routes, and they are read with every one of them.
_destination = functools.lru_cache(1_000)(msgspec.json.Decoder(Destination).decode)


def ensure(wanted: Iterable[Way]) -> Mapping[str, Group]:
    """Make the groups that are not there yet and return all by key; a destination that changed is taken over."""
    rows = {
        each.key: (
            each.key,
            each.destination.key,
            _json(each.labels),
            _json(each.destination),
            0,
            each.people,
        )
        for each in wanted
    }
    sql.executemany(_ADD, list(rows.values()))
    return _of_keys(list(rows))


def by_key(alerts: Sequence[Alert]) -> Mapping[str, Group]:
    """Return the groups of alerts by key."""
    return _of_keys(list({key for alert in alerts for key in alert.groups}))


def of_thread(thread: str, n: int) -> tuple[Alert, ...]:
    """Return up to `n` alerts of the groups of a key."""
    statement = f"""SELECT {", ".join(f"a.{c.strip()}" for c in ("id, " + COLUMNS).split(","))} FROM alerts_group g
        JOIN alerts_member m ON m.group_id = g.id JOIN alerts_alert a ON a.id = m.alert_id
        WHERE g.key = %s ORDER BY m.id LIMIT %s"""  # noqa: S608 - constants
    return tuple(sql.rows(alert_of, statement, (thread, n)))


def join(pairs: Sequence[tuple[int, int]]) -> None:
    """Put alerts into groups: pairs of the group's and the alert's id; one that stands there stays as it is."""
    sql.executemany(_JOIN, [(group, alert, "") for group, alert in pairs])


def leave_others(alerts: Sequence[Alert]) -> None:
    """Let alerts out of the groups they were in and, by their `groups`, belong to no more."""
    statement = """SELECT m.group_id, m.alert_id, g.key FROM alerts_member m JOIN alerts_group g ON g.id = m.group_id
        WHERE m.alert_id IN ({})"""
    belongs = {alert.id: alert.groups for alert in alerts}
    for part in sql.batched(list(belongs)):
        for group, alert, key in sql.query(statement.format(sql.marks(len(part))), part):
            if key not in belongs[int(alert or 0)]:
                leave(int(group or 0), [int(alert or 0)])


def schedule(at: Mapping[int, float]) -> None:
    """Let groups look next at these instants, or earlier where they would anyway."""
    rows = [(instant, instant, group) for group, instant in at.items()]
    sql.executemany("UPDATE alerts_group SET due = MIN(COALESCE(due, %s), %s) WHERE id = %s", rows)


def due(now: float, n: int) -> tuple[Group, ...]:
    """Return up to `n` groups that are to look now, the longest due first."""
    return tuple(sql.rows(_group, _DUE, (now, n)))


def next_due() -> float | None:
    """Return the instant at which the next group looks, None when none has cause to."""
    found = sql.query_one(_NEXT)
    return None if found is None or found[0] is None else float(found[0])


def find(key: str) -> Group | None:
    """Return a group by its key, or None."""
    return sql.row(_group, f"SELECT {_COLUMNS} FROM alerts_group WHERE key = %s", (key,))  # noqa: S608 - constants


def page(n: int) -> tuple[Group, ...]:
    """Return up to `n` groups, by key."""
    return tuple(sql.rows(_group, f"SELECT {_COLUMNS} FROM alerts_group ORDER BY key LIMIT %s", (n,)))  # noqa: S608 - constants


def of_alert(alert_id: int) -> tuple[Group, ...]:
    """Return the groups an alert stands in."""
    statement = f"""SELECT {_COLUMNS} FROM alerts_group
        WHERE id IN (SELECT group_id FROM alerts_member WHERE alert_id = %s) ORDER BY id"""  # noqa: S608 - constants
    return tuple(sql.rows(_group, statement, (alert_id,)))


def members(group_id: int) -> tuple[Member, ...]:
    """Return the alerts of a group in the order in which they came."""
    return tuple(sql.rows(lambda muted, *alert: Member(alert_of(*alert), str(muted)), _MEMBERS, (group_id,)))


def entries(group_id: int) -> Mapping[int, Entry]:
    """Return what each channel was told last about a group."""
    rows = sql.query(_ENTRIES, (group_id,))
    return {
        int(c or 0): Entry(_NAMES.decode(str(f)), _NAMES.decode(str(r)), float(at or 0))
        for c, f, r, at in rows
    }


def note(group_id: int, channel: int, entry: Entry) -> None:
    """Remember what a channel is told."""
    firing, resolved = _json(sorted(entry.firing)), _json(sorted(entry.resolved))
    sql.execute(_NOTE, (group_id, channel, firing, resolved, entry.at))


def take_over_told(alerts: Sequence[Alert], there: Mapping[str, Group]) -> None:
    """Note for the groups of alerts what channels were told of each before there were groups."""
    known: dict[tuple[int, int], Entry] = {}
    named = {alert.id: alert for alert in alerts}
    for part in sql.batched(list(named)):
        statement = f"SELECT alert_id, channel, at FROM alerts_told WHERE firing != '[]' AND alert_id IN ({sql.marks(len(part))})"  # noqa: S608 - marks
        for alert_id, channel, at in sql.query(statement, part):
            alert = named[int(alert_id or 0)]
            for key in alert.groups:
                place = (there[key].id, int(channel or 0))
                before = known.get(place, Entry(frozenset(), frozenset(), 0.0))
                known[place] = Entry(
                    before.firing | {alert.name}, frozenset(), max(before.at, float(at or 0))
                )
    for (group, channel), entry in known.items():
        note(group, channel, entry)


def looked(group_id: int, pulse: Pulse) -> None:
    """Remember that a group looked, and when it does next."""
    statement = "UPDATE alerts_group SET first = %s, last = %s, due = %s, looks = looks + 1 WHERE id = %s"
    sql.execute(statement, (pulse.first, pulse.last, pulse.due, group_id))


def mute(group_id: int, muted: Mapping[int, str]) -> None:
    """Remember what keeps alerts of a group quiet, by the alert's id (empty: nothing)."""
    rows = [(why, group_id, alert) for alert, why in muted.items()]
    sql.executemany("UPDATE alerts_member SET muted = %s WHERE group_id = %s AND alert_id = %s", rows)


def leave(group_id: int, alerts: Sequence[int]) -> None:
    """Let alerts out of a group; one that is empty then is gone, with what was told about it."""
    sql.executemany(
        "DELETE FROM alerts_member WHERE group_id = %s AND alert_id = %s",
        [(group_id, alert) for alert in alerts],
    )
    sql.execute(
        """DELETE FROM alerts_notified WHERE group_id = %s
        AND NOT EXISTS (SELECT 1 FROM alerts_member m WHERE m.group_id = alerts_notified.group_id)""",
        (group_id,),
    )
    sql.execute(
        """DELETE FROM alerts_group WHERE id = %s
        AND NOT EXISTS (SELECT 1 FROM alerts_member m WHERE m.group_id = alerts_group.id)""",
        (group_id,),
    )


def hold(now: float) -> int:
    """Let every group that was due before `now` wait its route's `wait` once more; return how many there were."""
    late = tuple(sql.rows(_group, f"SELECT {_COLUMNS} FROM alerts_group WHERE due < %s", (now,)))  # noqa: S608 - constants
    rows = [(now + group.destination.timing.wait, group.id) for group in late]
    sql.executemany("UPDATE alerts_group SET due = %s WHERE id = %s", rows)
    return len(late)


def touch_muted(now: float) -> None:
    """Let every group in which something is silenced look now, for a silence began, ended or changed.

    A group that has not looked yet goes on waiting for others.
    """
    statement = """UPDATE alerts_group SET due = MIN(COALESCE(due, %s), %s)
        WHERE first IS NOT NULL AND id IN (SELECT group_id FROM alerts_member WHERE muted = 'silence')"""
    sql.execute(statement, (now, now))


def count() -> int:
    """Return how many groups there are."""
    return GroupRow.objects.count()


def _of_keys(keys: Sequence[str]) -> Mapping[str, Group]:
    found: dict[str, Group] = {}
    for part in sql.batched(keys):
        statement = f"SELECT {_COLUMNS} FROM alerts_group WHERE key IN ({sql.marks(len(part))})"  # noqa: S608 - marks
        found |= {group.key: group for group in sql.rows(_group, statement, part)}
    return found


def _group(  # noqa: PLR0917 - the columns of the table, in order
    group_id: int,
    key: str,
    labels: str,
    destination: str,
    first: float | None,
    last: float | None,
    due_at: float | None,
    looks: int,
    people: int,
) -> Group:
    return Group(
        id=group_id,
        key=key,
        labels=_LABELS.decode(labels),
        destination=_destination(destination),
        pulse=Pulse(first=first, last=last, due=due_at),
        looks=looks,
        people=bool(people),
    )


def _json(value: Mapping[str, str] | Sequence[str] | Destination) -> str:
    return msgspec.json.encode(value).decode()
