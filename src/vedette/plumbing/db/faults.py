"""What SQLite says when it cannot, in our words: a lock that did not free, a disk that is full."""

import contextlib
import sqlite3
from collections.abc import Iterator

from django.db.utils import DatabaseError, OperationalError

from vedette.core.errors import Unavailable

_LOCKED = ("database is locked", "database table is locked", "database schema is locked", "locking protocol")
_FULL = ("database or disk is full", "disk i/o error", "unable to open database file")
_STOPPED = ("interrupted",)


def is_locked_error(error: BaseException) -> bool:
    """Tell whether an error means that another connection held the lock for too long."""
    return _speaks_of(error, _LOCKED)


def is_full_error(error: BaseException) -> bool:
    """Tell whether an error means that the disk is full or cannot be written."""
    return _speaks_of(error, _FULL)


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Turn "locked", "full" and "took too long" into `core.errors.Unavailable`; everything else passes."""
    try:
        yield
    except (DatabaseError, sqlite3.Error) as error:
        raised = _translated(error)
        if raised is None:
            raise
        raise raised from error


def _translated(error: BaseException) -> Unavailable | None:
    if is_locked_error(error):
        return Unavailable("The database is locked by another process; try again in a moment.", 2.0)
    if is_full_error(error):
        return Unavailable("The database cannot be written: free disk space where `data` lies.", 30.0)
    if _speaks_of(error, _STOPPED):
        return Unavailable("The database took too long to read; narrow the question or try again.", 5.0)
    return None


def _speaks_of(error: BaseException, words: tuple[str, ...]) -> bool:
    known = isinstance(
        error, (OperationalError, sqlite3.OperationalError, DatabaseError, sqlite3.DatabaseError)
    )
    return known and str(error).lower().startswith(words)
