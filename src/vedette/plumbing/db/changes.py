"""Tells that somebody else committed to core.db: another process (the CLI) or another connection of ours."""

import contextlib
import sqlite3

from django.db import connection


class Changes:
    """Watches one database by `PRAGMA data_version` on a connection of its own; for one thread.

    A poll costs a few microseconds and reads no table. The first poll tells "changed".
    """

    def __init__(self, database: str | None = None) -> None:
        name = str(connection.settings_dict["NAME"]) if database is None else database
        self._connection = sqlite3.connect(
            name, uri=name.startswith("file:"), isolation_level=None, timeout=5
        )
        self._version = -1

    def poll(self) -> bool:
        """Tell whether anyone committed since the last poll."""
        try:
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.OperationalError:
            return True
        changed = bool(version != self._version)
        self._version = version
        return changed

    def close(self) -> None:
        """Release the connection."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()
