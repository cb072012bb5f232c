"""Changes texts in a copy of core.db that nobody has open: in one transaction, then written anew."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import msgspec

from vedette.plumbing.db import sweeping
from vedette.plumbing.db.faults import guarded
from vedette.plumbing.db.sweeping import Change, Key, Table
from vedette.plumbing.sqlite import whole

_ROWS = 500
Drop = Callable[[Table, Key], bool]


def clean(
    path: Path, change: Change, drop: Drop, skip: Collection[str], unwanted: Mapping[str, tuple[str, Key]]
) -> int:
    """Change the texts of every table but `skip`, delete rows, and return how many rows went or changed.

    `drop` says of a row's key whether it goes, `unwanted` names rows to delete by table and condition (`?` for
    values). A copy keeps its place in the order of copies: its time of writing stays. Raises `Unavailable`.
    """
    before = path.stat()
    with guarded(), contextlib.closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        tables = [table for table in sweeping.tables(connection) if table.name not in skip]
        with whole(connection):
            changed = sum(_clean(connection, table, change, drop) for table in tables)
            for table in tables:
                if table.name in unwanted:
                    where, values = unwanted[table.name]
                    statement = f'DELETE FROM "{table.name}" WHERE {where}'  # noqa: S608 - names alone
                    changed += connection.execute(statement, values).rowcount
            for table in tables:
                if table.words:
                    connection.execute(f'INSERT INTO "{table.name}" ("{table.name}") VALUES (\'optimize\')')  # noqa: S608
        connection.execute("VACUUM")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return changed


def _clean(connection: sqlite3.Connection, table: Table, change: Change, drop: Drop) -> int:
    changed, after = 0, None
    while table.texts:
        piece = sweeping.read(connection, table, after, _ROWS)
        gone = {key for key, _ in piece.rows if drop(table, key)}
        sweeping.delete(connection, table, list(gone))
        stays = msgspec.structs.replace(piece, rows=[row for row in piece.rows if row[0] not in gone])
        changed += len(gone) + sweeping.rewrite(connection, table, stays, change, contextlib.nullcontext)
        after = piece.after
        if after is None:
            break
    return changed
