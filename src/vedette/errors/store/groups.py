"""Merged issues: moving issues into one as its groups, and groups out again. Within the caller's transaction.

A group keeps everything the issue it was kept, in tables of its own, and goes on being counted (see `grouped`). So
what an issue shows after any merge or split is always the sum of its groups, and no count is ever guessed.
"""

import functools
from collections.abc import Sequence

import msgspec

from vedette.errors import ranks
from vedette.errors.store import standing, thinned
from vedette.plumbing.db import sql

_CHILDREN = {
    "tag": "key, value, n, last",
    "user": "user, alias",
    "minute": "minute, n",
    "hour": "hour, n",
}
_STANDING = (
    "state, assignee, changed_at, muted_until, mute_events, mute_users, mute_usual, fixed_after, fixed_in"
)


class Group(msgspec.Struct, frozen=True):
    """A group as the store knows it.

    `number` is that of the issue it was, `issue` where it is shown now, `came_from` where it was shown before. The
    `base_…` are the counts of that issue when it was merged.
    """

    id: int
    issue: int
    came_from: int
    project: int
    number: int
    joined_at: float
    base_events: int
    base_users: int
    events: int
    users: int
    first_seen: float
    last_seen: float
    level: str
    title: str
    component: str
    last_release: str


_SELECT = f"SELECT {', '.join(Group.__struct_fields__)} FROM errors_group"  # noqa: S608 - names of our own


@functools.cache
def _columns() -> str:
    """Return the columns that an issue and a group have in common."""
    from vedette.errors.models import IssueRow

    return ", ".join(str(field.column) for field in IssueRow._meta.concrete_fields)  # noqa: SLF001 - documented by Django


def owner(project: int, number: int) -> int | None:
    """Return the issue into which the issue with this number was merged."""
    return owners([(project, number)]).get((project, number))


def owners(keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return the issues into which others were merged, by the (project, number) of these."""
    found = {}
    for project in {project for project, _ in keys}:
        for numbers in sql.batched([number for one, number in keys if one == project]):
            statement = f"SELECT number, issue FROM errors_group WHERE project = %s AND issue != id AND number IN ({sql.marks(len(numbers))})"  # noqa: S608
            for number, issue in sql.query(statement, (project, *numbers)):
                found[project, int(number or 0)] = int(issue or 0)
    return found


def of_issue(issue: int, n: int, after: tuple[int, int] | None = None) -> list[Group]:
    """Return up to `n` groups of an issue, most events first, beginning after one's (events, id)."""
    beyond, values = (" AND (events, id) < (%s, %s)", after) if after else ("", ())
    statement = f"{_SELECT} WHERE issue = %s{beyond} ORDER BY events DESC, id DESC LIMIT %s"
    return sql.rows(Group, statement, (issue, *values, n))


def size(issue: int) -> int:
    """Return how many groups an issue has; 0 when nothing was merged into it."""
    row = sql.query_one("SELECT count(*) FROM errors_group WHERE issue = %s", (issue,))
    return int(row[0] or 0) if row else 0


def of_act(act: str, n: int) -> list[Group]:
    """Return up to `n` groups that an act brought where they are."""
    return (
        sql.rows(Group, f"{_SELECT} WHERE act = %s ORDER BY came_from, id LIMIT %s", (act, n)) if act else []
    )


def ids_of_act(act: str) -> list[int]:
    """Return all groups an act brought where they are, those that came from one issue side by side."""
    rows = (
        sql.query("SELECT id FROM errors_group WHERE act = %s ORDER BY came_from, id", (act,)) if act else []
    )
    return [int(row[0] or 0) for row in rows]


def family(act: str, ids: Sequence[int], n: int) -> tuple[list[Group], int]:
    """Return the first `n` of these groups that are still where an act brought them, and how many ids these were.

    What came from one issue is not cut apart: there may be more.
    """
    inside = f"IN ({sql.marks(min(n, len(ids)))})"
    found = sql.rows(
        Group, f"{_SELECT} WHERE act = %s AND id {inside} ORDER BY came_from, id", (act, *ids[:n])
    )
    if not found or len(ids) <= n:
        return found, min(n, len(ids))
    last = found[-1]
    rest = f"{_SELECT} WHERE act = %s AND came_from = %s AND id > %s ORDER BY id"
    more = sql.rows(Group, rest, (act, last.came_from, last.id))
    beyond = {group.id for group in more}
    return [*found, *more], n + sum(1 for one in ids[n:] if one in beyond)


def by_numbers(issue: int, numbers: Sequence[int]) -> list[Group]:
    """Return those groups of an issue that were the issues with these numbers, itself left out."""
    statement = f"{_SELECT} WHERE issue = %s AND id != issue AND number IN ({sql.marks(len(numbers))})"
    return sql.rows(Group, statement, (issue, *numbers)) if numbers else []


def hashes(groups: Sequence[int]) -> dict[int, list[bytes]]:
    """Return the grouping hashes of groups."""
    found: dict[int, list[bytes]] = {}
    statement = f"SELECT group_id, hash FROM errors_hash WHERE group_id IN ({sql.marks(len(groups))})"  # noqa: S608
    for group, hash_ in sql.query(statement, groups) if groups else []:
        found.setdefault(int(group or 0), []).append(bytes(hash_))  # type: ignore[arg-type]
    return found


def join(issue: int, others: Sequence[int], act: str, now: float) -> None:
    """Move issues, with all that belongs to them, into another one as its groups.

    Totals follow at once, the rest once `recount` was called. At most a few hundred at a time.
    """
    _found(issue, now)
    thinned.begin(issue)
    inside = f"IN ({sql.marks(len(others))})"
    merged = sql.query(f"SELECT DISTINCT issue FROM errors_group WHERE issue {inside}", others)  # noqa: S608
    several = [int(row[0] or 0) for row in merged]
    single = [one for one in others if one not in several]
    _add_totals(issue, others)
    _to_groups(single, issue, act, now)
    _move(several, issue, act, now)
    sql.execute(f"DELETE FROM errors_issue WHERE id {inside}", others)  # noqa: S608


def _found(issue: int, now: float) -> None:
    """Make an issue the first group of itself, if it is not yet."""
    if not size(issue):
        _copy([issue], issue, "", now)
        for child, columns in _CHILDREN.items():
            sql.execute(
                f"INSERT INTO errors_group_{child} (issue, {columns}) SELECT issue, {columns} FROM errors_{child}"  # noqa: S608
                " WHERE issue = %s",
                (issue,),
            )
        sql.execute("UPDATE errors_hash SET group_id = issue WHERE issue = %s", (issue,))


def _copy(ids: Sequence[int], issue: int, act: str, now: float) -> None:
    sql.execute(
        f"INSERT INTO errors_group ({_columns()}, issue, came_from, act, joined_at, base_events, base_users)"  # noqa: S608
        f" SELECT {_columns()}, %s, id, %s, %s, events, users FROM errors_issue WHERE id IN ({sql.marks(len(ids))})",
        (issue, act, now, *ids),
    )


def _add_totals(issue: int, others: Sequence[int]) -> None:
    """Add what shows in lists, and to what a mute counts up to; `recount` counts users, for some may be the same."""
    row = sql.query_one(
        f"SELECT sum(events), min(first_seen), max(last_seen) FROM errors_issue WHERE id IN ({sql.marks(len(others))})",  # noqa: S608
        others,
    )
    sql.execute(
        "UPDATE errors_issue SET events = events + %s, first_seen = min(first_seen, %s), last_seen = max(last_seen, %s),"
        " mute_events = mute_events + %s WHERE id = %s",
        (*(row or (0, 0, 0)), row[0] if row else 0, issue),
    )


def _to_groups(ids: Sequence[int], issue: int, act: str, now: float) -> None:
    """Move issues that have no groups."""
    if not ids:
        return
    inside = f"IN ({sql.marks(len(ids))})"
    _copy(ids, issue, act, now)
    for child, columns in _CHILDREN.items():
        sql.execute(
            f"INSERT INTO errors_group_{child} (issue, {columns}) SELECT issue, {columns} FROM errors_{child} WHERE issue {inside}",  # noqa: S608
            ids,
        )
        sql.execute(f"DELETE FROM errors_{child} WHERE issue {inside}", ids)  # noqa: S608
    sql.execute(f"UPDATE errors_hash SET group_id = issue, issue = %s WHERE issue {inside}", (issue, *ids))  # noqa: S608


def _move(issues: Sequence[int], issue: int, act: str, now: float) -> None:
    """Move issues that have groups: these go, and what was their sum is dropped."""
    for one in issues:
        sql.execute(
            f"UPDATE errors_group SET ({_STANDING}, base_events, base_users) ="  # noqa: S608
            f" (SELECT {_STANDING}, events, users FROM errors_issue i WHERE i.id = errors_group.id) WHERE id = %s",
            (one,),
        )
        sql.execute(
            "UPDATE errors_group SET issue = %s, came_from = %s, act = %s, joined_at = %s WHERE issue = %s",
            (issue, one, act, now, one),
        )
        sql.execute("UPDATE errors_hash SET issue = %s WHERE issue = %s", (issue, one))
        for child in _CHILDREN:
            sql.execute(f"DELETE FROM errors_{child} WHERE issue = %s", (one,))  # noqa: S608


def part(singles: Sequence[int], several: dict[int, list[int]]) -> None:
    """Make issues of groups again: each of `singles` by itself, each of `several` (by the id it takes) of its groups.

    The issue they leave is right again once `recount` was called.
    """
    homes = [*singles, *several]
    inside = f"IN ({sql.marks(len(homes))})"
    sql.execute(
        f"INSERT INTO errors_issue ({_columns()}) SELECT {_columns()} FROM errors_group WHERE id {inside}",  # noqa: S608
        homes,
    )
    _from_groups(singles)
    for home, groups in several.items():
        inside = f"IN ({sql.marks(len(groups))})"
        sql.execute(f"UPDATE errors_group SET issue = %s, act = '' WHERE id {inside}", (home, *groups))  # noqa: S608
        sql.execute(
            f"UPDATE errors_hash SET issue = %s WHERE group_id {inside}",  # noqa: S608
            (home, *groups),
        )
        recount(home)


def _from_groups(ids: Sequence[int]) -> None:
    if not ids:
        return
    inside = f"IN ({sql.marks(len(ids))})"
    for child, columns in _CHILDREN.items():
        sql.execute(
            f"INSERT INTO errors_{child} (issue, {columns}) SELECT issue, {columns} FROM errors_group_{child} WHERE issue {inside}",  # noqa: S608
            ids,
        )
        sql.execute(f"DELETE FROM errors_group_{child} WHERE issue {inside}", ids)  # noqa: S608
    sql.execute(
        f"UPDATE errors_hash SET issue = group_id, group_id = NULL WHERE group_id {inside}",  # noqa: S608
        ids,
    )
    sql.execute(f"DELETE FROM errors_group WHERE id {inside}", ids)  # noqa: S608


def recount(issue: int) -> None:
    """Make an issue the sum of its groups; one that is left with itself alone has no groups any more."""
    for what in STEPS:
        recount_step(issue, what)


STEPS = ("tag", "user", "minute", "hour", "row")
_SUMS = {
    # As many keys and values as any issue keeps (see `tagging`), those that came most often; the rest is "other".
    "tag": (
        "SELECT key, CASE WHEN place <= 100 THEN value ELSE '' END, sum(n), max(last) FROM ("
        "SELECT key, value, sum(n) AS n, max(last) AS last,"
        " row_number() OVER (PARTITION BY key ORDER BY value = '', sum(n) DESC, value) AS place FROM {groups}_tag"
        " WHERE issue IN {own} AND key IN (SELECT key FROM {groups}_tag WHERE issue IN {own} GROUP BY key"
        " ORDER BY sum(n) DESC, key LIMIT 100) GROUP BY key, value) GROUP BY 1, 2"
    ),
    "user": "SELECT user, min(alias) FROM {groups}_user WHERE issue IN {own} GROUP BY user",
    "minute": "SELECT minute, sum(n) FROM {groups}_minute WHERE issue IN {own} GROUP BY minute",
    "hour": "SELECT hour, sum(n) FROM {groups}_hour WHERE issue IN {own} GROUP BY hour",
}


def recount_step(issue: int, what: str) -> None:
    """Do one of `STEPS`: a large issue is recounted in several transactions, with the row last."""
    if what == "row":
        _recount_row(issue)
        _end(issue)
        return
    source = _SUMS[what].format(groups="errors_group", own="(SELECT id FROM errors_group WHERE issue = %s)")
    sql.execute(f"DELETE FROM errors_{what} WHERE issue = %s", (issue,))  # noqa: S608
    statement = f"INSERT INTO errors_{what} (issue, {_CHILDREN[what]}) SELECT %s, * FROM ({source})"  # noqa: S608
    sql.execute(statement, (issue, *[issue] * source.count("%s")))


def _recount_row(issue: int) -> None:
    sql.execute(
        "UPDATE errors_issue SET (events, first_seen, last_seen) ="
        " (SELECT sum(events), min(first_seen), max(last_seen) FROM errors_group g WHERE g.issue = errors_issue.id),"
        " users = (SELECT count(*) FROM errors_user u WHERE u.issue = errors_issue.id AND u.alias = 0),"
        " tag_values = (SELECT count(*) FROM errors_tag t WHERE t.issue = errors_issue.id),"
        " first_release = (SELECT first_release FROM errors_group g WHERE g.issue = errors_issue.id ORDER BY first_seen, id LIMIT 1),"
        " last_release = coalesce((SELECT last_release FROM errors_group g WHERE g.issue = errors_issue.id"
        " AND last_release != '' ORDER BY last_seen DESC, id LIMIT 1), ''),"
        " (title, kind, message, culprit, handled, level) ="
        " (SELECT title, kind, message, culprit, handled, level FROM errors_group g WHERE g.id = errors_issue.id)"
        " WHERE id = %s",
        (issue,),
    )
    found = standing.by_ids([issue]).get(issue)
    if found is not None:
        rank = ranks.rank(found.standing.state, found.level)
        sql.execute("UPDATE errors_issue SET rank = %s WHERE id = %s", (rank, issue))


def _end(issue: int) -> None:
    """Take the groups away from an issue that has none but itself."""
    if size(issue) != 1:
        return
    sql.execute("UPDATE errors_hash SET group_id = NULL WHERE issue = %s", (issue,))
    sql.execute(
        "UPDATE errors_issue SET (tag_values, words) ="
        " (SELECT tag_values, words FROM errors_group g WHERE g.id = errors_issue.id) WHERE id = %s",
        (issue,),
    )
    for child in _CHILDREN:
        sql.execute(f"DELETE FROM errors_group_{child} WHERE issue = %s", (issue,))  # noqa: S608
    sql.execute("DELETE FROM errors_group WHERE id = %s", (issue,))


def forget_project(project: int) -> None:
    """Delete the groups of a project's issues."""
    own = "SELECT id FROM errors_group WHERE project = %s"
    for child in _CHILDREN:
        sql.execute(f"DELETE FROM errors_group_{child} WHERE issue IN ({own})", (project,))  # noqa: S608
    sql.execute(f"DELETE FROM errors_search WHERE rowid IN ({own})", (project,))  # noqa: S608
    sql.execute(f"DELETE FROM errors_history WHERE issue IN ({own})", (project,))  # noqa: S608
    sql.execute("DELETE FROM errors_group WHERE project = %s", (project,))
