"""Grouping hashes by the version that made them. For use within a transaction where they are written."""

from collections.abc import Iterable, Mapping

from vedette.errors.grouping import VERSION
from vedette.plumbing.db import sql


def oldest_version() -> int:
    """Return the oldest version of grouping whose hashes lead to issues; the newest when there are no others."""
    # the bound is written out: only so does SQLite take the index of the old ones alone
    row = sql.query_one(f"SELECT min(version) FROM errors_hash WHERE version < {VERSION}")  # noqa: S608
    return int(row[0] or VERSION) if row else VERSION


def known(hashes: Iterable[bytes]) -> set[bytes]:
    """Return those of some hashes that lead to issues."""
    asked = list(hashes)
    if not asked:
        return set()
    statement = f"SELECT hash FROM errors_hash WHERE hash IN ({sql.marks(len(asked))})"  # noqa: S608
    return {bytes(row[0]) for row in sql.query(statement, asked)}  # type: ignore[arg-type]


def inherit(heirs: Mapping[bytes, bytes]) -> None:
    """Let the newest hash of an event lead where its older one leads, unless it leads somewhere already."""
    sql.executemany(
        "INSERT OR IGNORE INTO errors_hash (hash, issue, version, group_id)"
        " SELECT %s, issue, %s, group_id FROM errors_hash WHERE hash = %s",
        [(new, VERSION, old) for new, old in heirs.items()],
    )
