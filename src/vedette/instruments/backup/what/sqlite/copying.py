"""SQLite databases copied while they are used (its online backup, https://sqlite.org/backup.html) and counted in the same moment.

The reader's transaction holds one state of the database: what is copied is what was counted, whatever is written meanwhile.
"""

import contextlib
import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from vedette.wire.backup import Failure, Table

PAGES = 1_024  # copied between two looks at whether time is up
_BUSY = 30.0  # seconds a writer in rollback mode may hold the database
_TABLES = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name"
_PRAGMAS = ("user_version", "application_id", "page_size", "encoding", "journal_mode")


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a database is at one moment: rows of its tables, a hash of how it is made, its sequences, what its header says."""

    tables: tuple[Table, ...]
    rows: int  # of tables that are not a part of a virtual one
    schema: str
    sequences: dict[str, int]
    facts: dict[str, str]


def copy(source: Path, target: Path, step: Callable[[int, int], None]) -> Seen:
    """Copy a live database into a new file and return what it was in that moment; `step` is told pages left and all pages.

    Raises `sqlite3.Error`, and what `step` raises.
    """
    with opened(source) as live, contextlib.closing(sqlite3.connect(target, isolation_level=None)) as new:
        live.execute("BEGIN")
        live.execute(
            "SELECT count(*) FROM sqlite_master"
        ).fetchone()  # the moment: from here on nothing changes for us
        live.backup(new, pages=PAGES, progress=lambda _, left, pages: step(left, pages))
        return look(live)


def look(connection: sqlite3.Connection) -> Seen:
    """Return what a database is, as one connection sees it."""
    made = dict(connection.execute(_TABLES))
    virtual = tuple(f"{name}_" for name, sql in made.items() if _virtual(sql))
    tables = tuple(Table(name, _rows(connection, name)) for name, sql in made.items() if not _virtual(sql))
    return Seen(
        tables=tables,
        rows=sum(table.rows for table in tables if not table.name.startswith(virtual)),
        schema=_hashed(connection),
        sequences=_sequences(connection),
        facts={pragma: str(connection.execute(f"PRAGMA {pragma}").fetchone()[0]) for pragma in _PRAGMAS},
    )  # fmt: skip


@contextlib.contextmanager
def opened(path: Path, *, mode: str = "ro") -> Iterator[sqlite3.Connection]:
    """Open a database, to read alone; raises `sqlite3.Error`."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    with contextlib.closing(
        sqlite3.connect(uri, uri=True, timeout=_BUSY, isolation_level=None)
    ) as connection:
        yield connection


def faults(connection: sqlite3.Connection) -> str:
    """Return what is wrong with the pages and indexes of a database; empty when nothing is (`PRAGMA integrity_check`)."""
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
    return "" if found == ["ok"] else "; ".join(found)


def meaning(error: sqlite3.Error) -> Failure:
    """Return what a refusal of SQLite means: no room, damaged already, or nothing that can be read."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return Failure.TARGET_FULL
    return (
        Failure.NOT_PROVEN
        if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
        else Failure.SOURCE_MISSING
    )


def _hashed(connection: sqlite3.Connection) -> str:
    digest = hashlib.sha256()
    for row in connection.execute(_SCHEMA):
        digest.update(repr(row).encode())
    return digest.hexdigest()


def _sequences(connection: sqlite3.Connection) -> dict[str, int]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchone():
        return {}
    found = connection.execute("SELECT name, seq FROM sqlite_sequence ORDER BY name")
    return {str(name): int(value or 0) for name, value in found}


def _rows(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {_quoted(table)}").fetchone()[0])  # noqa: S608 - a quoted name


def _virtual(sql: str | None) -> bool:
    """A virtual table is made by a module that may not be here; what it keeps lies in tables that are counted."""
    return (sql or "").lstrip()[:20].upper().startswith("CREATE VIRTUAL")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
