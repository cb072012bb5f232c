"""Count a batch of events into the groups of merged issues, each apart from the others. Within the caller's transaction.

What a merged issue shows is at any time what its groups hold together: its events, minutes, hours and tags are their
sums, its users those that any of them counted. Here the groups' side is written; the issue itself is counted like
any other, but for its users and for its name, which remain those of the group it began with.
"""

from collections.abc import Iterable, Sequence

from vedette.errors import ranks
from vedette.errors.store import tagging, words
from vedette.errors.tallying import Tally
from vedette.errors.types import Level, State
from vedette.plumbing.db import sql

_MESSAGE = 500
_FACE = ("title", "kind", "message", "culprit", "handled", "level")


def count(counts: Iterable[tuple[int, int, Tally]]) -> dict[int, int]:
    """Count (group, issue, tally); return by issue how many users none of its groups had counted before."""
    fresh: dict[int, set[int]] = {}
    for group, issue, tally in counts:
        fresh.setdefault(issue, set()).update(_count(group, tally))
    return {issue: _newly_counted(issue, users) for issue, users in fresh.items()}


def _count(group: int, tally: Tally) -> set[int]:
    """Write a tally into its group and return the users the group had not seen before."""
    row = sql.query_one("SELECT tag_values, words FROM errors_group WHERE id = %s", (group,))
    written, times = (int(row[0] or 0), int(row[1] or 0)) if row else (0, 0)
    users = _add_users(group, tally)
    event = tally.last
    sql.execute(
        "UPDATE errors_group SET events = events + %s, users = users + %s, first_seen = min(first_seen, %s),"
        " last_seen = max(last_seen, %s), last_release = CASE WHEN %s = '' THEN last_release ELSE %s END,"
        " title = %s, kind = %s, message = %s, culprit = %s, handled = %s, level = %s WHERE id = %s",
        (
            tally.events, len(users), tally.first_at, tally.last_at, event.release, event.release, event.title,
            event.kind, event.message[:_MESSAGE], event.culprit, event.handled, str(event.level), group,
        ),
    )  # fmt: skip
    new_values = tagging.add([(group, tally, written)], tagging.GROUPS)
    words.write([(group, tally, times, new_values[group])], "errors_group")
    _add_counts(group, tally)
    return users


def _add_users(group: int, tally: Tally) -> set[int]:
    if not tally.users:
        return set()
    statement = (
        f"SELECT user FROM errors_group_user WHERE issue = %s AND user IN ({sql.marks(len(tally.users))})"  # noqa: S608
    )
    users = set(tally.users) - {int(row[0] or 0) for row in sql.query(statement, (group, *tally.users))}
    rows = [(group, user, 0) for user in tally.users]
    rows += [(group, alias, 1) for aliases in tally.users.values() for alias in aliases]
    sql.executemany("INSERT OR IGNORE INTO errors_group_user (issue, user, alias) VALUES (%s, %s, %s)", rows)
    return users


def _add_counts(group: int, tally: Tally) -> None:
    hours: dict[int, int] = {}
    for minute, n in tally.minutes.items():
        hours[minute // 60] = hours.get(minute // 60, 0) + n
    for unit, counts in (("minute", tally.minutes), ("hour", hours)):
        sql.executemany(
            f"INSERT INTO errors_group_{unit} (issue, {unit}, n) VALUES (%s, %s, %s)"  # noqa: S608 - names of our own
            f" ON CONFLICT (issue, {unit}) DO UPDATE SET n = n + excluded.n",
            [(group, when, n) for when, n in counts.items()],
        )


def _newly_counted(issue: int, users: set[int]) -> int:
    """Count users in for a merged issue, also those it so far knew only by another name; return how many."""
    asked = sorted(users)
    known: set[int] = set()
    for part in sql.batched(asked):
        statement = f"SELECT user FROM errors_user WHERE issue = %s AND alias = 0 AND user IN ({sql.marks(len(part))})"  # noqa: S608
        known.update(int(row[0] or 0) for row in sql.query(statement, (issue, *part)))
    sql.executemany(
        "INSERT INTO errors_user (issue, user, alias) VALUES (%s, %s, %s)"
        " ON CONFLICT (issue, user) DO UPDATE SET alias = 0",
        [(issue, user, 0) for user in asked if user not in known],
    )
    return len(users - known)


def name(issues: Sequence[tuple[int, State]]) -> None:
    """Give merged issues (id, state) the name and level of the group they began with."""
    for issue, state in issues:
        row = sql.query_one(f"SELECT {', '.join(_FACE)} FROM errors_group WHERE id = %s", (issue,))  # noqa: S608
        if row is not None:
            rank = ranks.rank(state, Level(str(row[-1])))
            named = ", ".join(f"{column} = %s" for column in _FACE)
            sql.execute(f"UPDATE errors_issue SET {named}, rank = %s WHERE id = %s", (*row, rank, issue))  # noqa: S608
