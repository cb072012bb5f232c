"""How issues stand, read by grouping hash or by key, and written back. For use within a transaction."""

from collections.abc import Iterable, Sequence

import msgspec

from vedette.errors import ranks
from vedette.errors.lifecycle import Standing
from vedette.errors.types import Level, State
from vedette.plumbing.db import sql

_COLUMNS = (
    "i.id, i.project, i.number, i.level, i.state, i.changed_at, i.events, i.users, i.muted_until, i.mute_events,"
    " i.mute_users, i.mute_usual, i.fixed_after, i.fixed_in, i.assignee, i.tag_values, i.words, i.title"
)


class Stored(msgspec.Struct, frozen=True):
    """What the store knows of an issue that events or people are about to change.

    `group` is set where a grouping hash led here: the group of a merged issue that counts its events.
    """

    id: int
    project: int
    number: int
    level: Level
    standing: Standing
    assignee: int | None
    tag_values: int
    words: int
    title: str
    group: int | None = None


def _stored(  # noqa: PLR0917 - the columns of `_COLUMNS`, in order
    id_: int, project: int, number: int, level: str, state: str, changed_at: float, events: int, users: int,
    muted_until: float | None, mute_events: int | None, mute_users: int | None, mute_usual: int | None,
    fixed_after: str | None, fixed_in: str | None, assignee: int | None, tag_values: int, words: int, title: str, group: int | None = None,
) -> Stored:  # fmt: skip
    standing = Standing(
        state=State(state), changed_at=changed_at, events=events, users=users,
        muted_until=muted_until, mute_events=mute_events, mute_users=mute_users,
        mute_usual=mute_usual, fixed_after=fixed_after, fixed_in=fixed_in,
    )  # fmt: skip
    return Stored(id_, project, number, Level(level), standing, assignee, tag_values, words, title, group)


def by_hash(hashes: Sequence[bytes]) -> dict[bytes, Stored]:
    """Return the issues to which grouping hashes lead."""
    if not hashes:
        return {}
    found = sql.rows(
        lambda hash_, *columns: (bytes(hash_), _stored(*columns)),
        f"SELECT h.hash, {_COLUMNS}, h.group_id FROM errors_hash h JOIN errors_issue i ON i.id = h.issue"  # noqa: S608
        f" WHERE h.hash IN ({sql.marks(len(hashes))})",
        hashes,
    )
    return dict(found)


def by_numbers(keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Stored]:
    """Return issues by (project, number), in the order they were asked for."""
    asked = [*keys]
    found = {}
    for project in {project for project, _ in asked}:
        for numbers in sql.batched([number for one, number in asked if one == project]):
            statement = f"SELECT {_COLUMNS} FROM errors_issue i WHERE i.project = %s AND i.number IN ({sql.marks(len(numbers))})"  # noqa: S608
            for stored in sql.rows(_stored, statement, (project, *numbers)):
                found[project, stored.number] = stored
    return {key: found[key] for key in asked if key in found}


def by_ids(ids: Sequence[int]) -> dict[int, Stored]:
    """Return issues by id."""
    statement = f"SELECT {_COLUMNS} FROM errors_issue i WHERE i.id IN ({sql.marks(len(ids))})"  # noqa: S608
    return {found.id: found for found in sql.rows(_stored, statement, ids)} if ids else {}


def first_seen(ids: Sequence[int]) -> dict[int, float]:
    """Return when issues were first seen."""
    statement = f"SELECT id, first_seen FROM errors_issue WHERE id IN ({sql.marks(len(ids))})"  # noqa: S608
    return {int(id_ or 0): float(at or 0) for id_, at in sql.query(statement, ids)} if ids else {}


def aging(new_before: float, regressed_before: float, now: float, n: int) -> list[Stored]:
    """Return up to `n` issues that time alone changes: mutes that ended, what is no longer new or news."""
    statement = (
        f"SELECT {_COLUMNS} FROM errors_issue i WHERE (i.state = 'muted' AND i.muted_until <= %s)"  # noqa: S608
        " OR (i.state = 'new' AND i.changed_at <= %s) OR (i.state IN ('regressed', 'escalating') AND i.changed_at <= %s) LIMIT %s"
    )
    return sql.rows(_stored, statement, (now, new_before, regressed_before, n))


def write(id_: int, level: Level, standing: Standing, assignee: int | None) -> None:
    """Write how an issue stands and who has it."""
    write_all([(id_, level, standing, assignee)])


def write_all(rows: Iterable[tuple[int, Level, Standing, int | None]]) -> None:
    """Write how issues stand: each by its id, its level, the standing, and who has it."""
    sql.executemany(
        "UPDATE errors_issue SET state = %s, rank = %s, changed_at = %s, muted_until = %s, mute_events = %s,"
        " mute_users = %s, mute_usual = %s, fixed_after = %s, fixed_in = %s, assignee = %s WHERE id = %s",
        [
            (
                str(standing.state), ranks.rank(standing.state, level), standing.changed_at, standing.muted_until,
                standing.mute_events, standing.mute_users, standing.mute_usual, standing.fixed_after,
                standing.fixed_in, assignee, id_,
            )
            for id_, level, standing, assignee in rows
        ],
    )  # fmt: skip
