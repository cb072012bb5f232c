"""The only SQL of likeness: a few features of each issue, found again by an index."""

from collections.abc import Iterable, Sequence

import msgspec

from vedette.errors.alike.types import Feature, FeatureKind, Traits
from vedette.errors.types import Part
from vedette.plumbing.db import sql

_MARK = "features"
_MOST_OWN = 40  # a merged issue has the features of all its groups
_PARTS = msgspec.msgpack.Decoder(tuple[Part, ...]).decode
_TRAITS = "id, project, kind, culprit, message, parts"


def add(rows: Iterable[tuple[int, int, Feature]]) -> None:
    """Keep features of (issue, project), in the caller's transaction."""
    sql.executemany(
        "INSERT OR IGNORE INTO errors_feature (issue, feature, kind, project) VALUES (%s, %s, %s, %s)",
        [(issue, one.hash, int(one.kind), project) for issue, project, one in rows],
    )


def of_issue(issue: int) -> dict[int, FeatureKind]:
    """Return the features of an issue and of its groups; of very many groups some."""
    rows = sql.query(
        "SELECT feature, kind FROM errors_feature WHERE issue IN"
        " (SELECT %s UNION SELECT id FROM (SELECT id FROM errors_group WHERE issue = %s LIMIT %s)) LIMIT %s",
        (issue, issue, _MOST_OWN, _MOST_OWN),
    )
    return {int(feature or 0): FeatureKind(int(kind or 0)) for feature, kind in rows}


def newest_with(project: int, features: Iterable[int], n: int) -> dict[int, set[int]]:
    """Return, for the `n` newest issues (or groups) with each of these features, which of them they have."""
    found: dict[int, set[int]] = {}
    statement = (
        "SELECT issue FROM errors_feature WHERE project = %s AND feature = %s ORDER BY issue DESC LIMIT %s"
    )
    for feature in features:
        for row in sql.query(statement, (project, feature, n)):
            found.setdefault(int(row[0] or 0), set()).add(feature)
    return found


def among(issues: Sequence[int], features: Sequence[int]) -> dict[int, set[int]]:
    """Return which of these features each of these issues (or groups) has."""
    found: dict[int, set[int]] = {one: set() for one in issues}
    if issues and features:
        statement = (
            f"SELECT issue, feature FROM errors_feature WHERE issue IN ({sql.marks(len(issues))})"  # noqa: S608
            f" AND feature IN ({sql.marks(len(features))})"
        )
        for issue, feature in sql.query(statement, (*issues, *features)):
            found[int(issue or 0)].add(int(feature or 0))
    return found


def owners(ids: Sequence[int]) -> dict[int, int]:
    """Return the issues to which groups belong, by group."""
    if not ids:
        return {}
    statement = f"SELECT id, issue FROM errors_group WHERE id IN ({sql.marks(len(ids))})"  # noqa: S608
    return {int(id_ or 0): int(issue or 0) for id_, issue in sql.query(statement, ids)}


def left() -> int:
    """Return the id up to which older issues have no features yet; 0 when all have."""
    row = sql.query_one("SELECT seq FROM errors_mark WHERE name = %s", (_MARK,))
    return int(row[0] or 0) if row else 0


def go_on(before: int) -> None:
    """Remember that issues from this id on have features, in the caller's transaction."""
    sql.execute("UPDATE errors_mark SET seq = %s WHERE name = %s", (before - 1, _MARK))


def traits(up_to: int, n: int) -> list[Traits]:
    """Return what features of the last `n` issues and groups up to an id are made of, the last first."""
    one = (
        f"SELECT {_TRAITS} FROM (SELECT {_TRAITS} FROM errors_{{}} WHERE id <= %s ORDER BY id DESC LIMIT %s)"  # noqa: S608 - our own names
    )
    statement = f"{one.format('issue')} UNION ALL {one.format('group')} ORDER BY 1 DESC LIMIT %s"
    return sql.rows(_made, statement, (up_to, n, up_to, n, n))


def _made(id_: int, project: int, kind: str, culprit: str, message: str, parts: bytes) -> Traits:  # noqa: PLR0917 - the columns
    return Traits(id_, project, kind, culprit, message, _PARTS(parts))


def forget_project(project: int) -> None:
    """Delete the features of a project's issues."""
    sql.execute("DELETE FROM errors_feature WHERE project = %s", (project,))
