"""Changes a text wherever it stands in a database, table by table in pieces; knows nothing of what tables mean.

Works on SQLite's own connection: core.db's, or one to a copy of it, which may have an older schema.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import msgspec

Value = str | int | float | bytes | None
Key = tuple[Value, ...]
Change = Callable[[Value], Value]
Transaction = Callable[[], AbstractContextManager[object]]
_TEXTUAL = ("CHAR", "TEXT", "CLOB", "BLOB", "JSON")


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table: what orders its rows, the columns that may hold text, and all columns. `words` is a full-text index."""

    name: str
    key: tuple[str, ...]
    texts: tuple[str, ...]
    columns: frozenset[str]
    words: bool = False


class Piece(msgspec.Struct, frozen=True):
    """Some rows, each its key and its texts, and the key after which the next begin (None at the end)."""

    rows: list[tuple[Key, Key]]
    after: Key | None


def tables(connection: sqlite3.Connection) -> list[Table]:
    """Return every table by name; the inner tables of a full-text index are left to it."""
    listed = connection.execute(
        "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ).fetchall()
    return [_table(connection, name, kind == "virtual", bool(bare)) for name, kind, bare in listed]


def _table(connection: sqlite3.Connection, name: str, words: bool, without_rowid: bool) -> Table:
    found = connection.execute("SELECT name, type, pk FROM pragma_table_info(?)", (name,)).fetchall()
    primary = tuple(column for _, column in sorted((pk, column) for column, _, pk in found if pk))
    texts = tuple(
        column for column, kind, _ in found if words or any(each in kind.upper() for each in _TEXTUAL)
    )
    return Table(
        name=name, key=primary if without_rowid else ("rowid",), texts=texts,
        columns=frozenset(column for column, _, _ in found), words=words,
    )  # fmt: skip


def read(
    connection: sqlite3.Connection,
    table: Table,
    after: Key | None,
    n: int,
    where: tuple[str, Key] = ("1", ()),
) -> Piece:
    """Return up to `n` rows after a key; `where` is a condition of our own with its values."""
    condition, values = where
    order = ", ".join(map(_quoted, table.key))
    if after is not None:
        condition = f"({condition}) AND ({order}) > ({_marks(table.key)})"
        values = (*values, *after)
    found = connection.execute(
        f"SELECT {', '.join(map(_quoted, (*table.key, *table.texts)))} FROM {_quoted(table.name)}"  # noqa: S608
        f" WHERE {condition} ORDER BY {order} LIMIT ?",
        (*values, n),
    ).fetchall()
    cut = len(table.key)
    rows = [(tuple(row[:cut]), tuple(row[cut:])) for row in found]
    return Piece(rows, rows[-1][0] if len(rows) == n else None)


def rewrite(
    connection: sqlite3.Connection, table: Table, piece: Piece, change: Change, transaction: Transaction
) -> int:
    """Change the texts of a piece in one transaction and return how many rows had any to change.

    A row that somebody changed meanwhile stays as it is now. One that would become another's twin replaces it.
    """
    changed = [(key, old, new) for key, old in piece.rows if (new := tuple(map(change, old))) != old]
    if not changed:
        return 0
    sets = ", ".join(f"{_quoted(column)} = ?" for column in table.texts)
    same = " AND ".join(
        [*(f"{_quoted(one)} = ?" for one in table.key), *(f"{_quoted(one)} IS ?" for one in table.texts)]
    )
    statement = f"UPDATE OR REPLACE {_quoted(table.name)} SET {sets} WHERE {same}"  # noqa: S608 - names alone
    with transaction():
        connection.executemany(statement, [(*new, *key, *old) for key, old, new in changed])
    return len(changed)


def merge_words(connection: sqlite3.Connection, name: str, pages: int) -> bool:
    """Go on (negative `pages`: begin) to merge a full-text index; False once nothing is left to merge.

    Words that no row holds any more leave the index by this: https://www.sqlite.org/fts5.html#the_merge_command.
    """
    before = connection.total_changes
    connection.execute(f"INSERT INTO {_quoted(name)} ({_quoted(name)}, rank) VALUES ('merge', ?)", (pages,))  # noqa: S608
    return connection.total_changes - before >= 2


def delete(connection: sqlite3.Connection, table: Table, keys: Sequence[Key]) -> None:
    """Delete rows by their keys, in the caller's transaction."""
    same = " AND ".join(f"{_quoted(column)} = ?" for column in table.key)
    connection.executemany(f"DELETE FROM {_quoted(table.name)} WHERE {same}", keys)  # noqa: S608 - names alone


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _marks(columns: Sequence[str]) -> str:
    return ", ".join("?" * len(columns))
