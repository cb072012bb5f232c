"""The file behind core.db: its path, its write-ahead log, its copies."""

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from django.db import connection

from vedette.core.errors import Unavailable
from vedette.plumbing.db.faults import guarded

_PAGES = 2048
_OVERLAP = 4_096


def path() -> Path:
    """Return the path of core.db."""
    return Path(str(connection.settings_dict["NAME"]))


def wal_bytes(database: Path) -> int:
    """Return the size of a database's write-ahead log; 0 when there is none."""
    try:
        return database.with_name(database.name + "-wal").stat().st_size
    except FileNotFoundError:
        return 0


def checkpoint(*, truncate: bool = False) -> bool:
    """Move the write-ahead log into core.db; False when readers or writers kept some of it from moving."""
    with guarded(), connection.cursor() as cursor:
        cursor.execute(f"PRAGMA wal_checkpoint({'TRUNCATE' if truncate else 'PASSIVE'})")
        busy, pages, moved = cursor.fetchone()
        return not busy and pages == moved


def copy_database(source: Path, target: Path) -> int:
    """Copy a live SQLite database into a new file of mode 0600 and return its size in bytes.

    Uses SQLite's online backup, so a server may go on writing. The copy appears under its name only when it is
    whole and on disk. Raises `Unavailable` when it cannot be read or written.
    """
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with (
        guarded(),
        contextlib.closing(_read_only(source)) as old,
        contextlib.closing(sqlite3.connect(part)) as new,
    ):
        old.backup(new, pages=_PAGES)
        new.execute("PRAGMA journal_mode=DELETE")
    _settle(part, target)
    return target.stat().st_size


def connected() -> sqlite3.Connection:
    """Return SQLite's own connection to core.db of this thread, which overwrites what it deletes from now on."""
    connection.ensure_connection()
    found: sqlite3.Connection = connection.connection
    found.execute("PRAGMA secure_delete=ON")
    return found


def compact() -> None:
    """Write core.db anew, without what deleted rows left between the others; writers wait meanwhile.

    Must not be called within a transaction. Raises `Unavailable` when the disk has no room for a second copy.
    """
    with guarded(), connection.cursor() as cursor:
        cursor.execute("VACUUM")


def holds(database: Path, found: Callable[[bytes], bool], start: int, size: int) -> tuple[bool, int | None]:
    """Look at `size` bytes of a file; return what `found` says of them, and where to go on (None at the end).

    Pieces overlap a little, so that nothing is missed between two.
    """
    try:
        with database.open("rb") as file:
            file.seek(start)
            piece = file.read(size)
    except FileNotFoundError:
        return False, None
    return found(piece), start + size - _OVERLAP if len(piece) == size else None


def _read_only(source: Path) -> sqlite3.Connection:
    if not source.is_file():
        raise Unavailable(f"{source}: there is no database to copy.")
    return sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=5)


def _settle(part: Path, target: Path) -> None:
    for flush in (part, part.parent):
        handle = os.open(flush, os.O_RDONLY)
        try:
            if flush == part:
                os.fsync(handle)
                part.rename(target)
            else:
                os.fsync(handle)
        finally:
            os.close(handle)
