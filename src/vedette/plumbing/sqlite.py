"""Transactions of SQLite's own connections: of files beside core.db, and of processes without Django."""

import contextlib
import sqlite3
from collections.abc import Iterator


@contextlib.contextmanager
def whole(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the block in one transaction of a connection that commits by itself otherwise."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
