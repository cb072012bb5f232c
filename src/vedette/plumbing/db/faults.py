"""Turns what SQLite says through Django into our words."""

import contextlib
import sqlite3
from collections.abc import Iterator

from django.db.utils import DatabaseError

from vedette.plumbing import faults


def is_locked_error(error: BaseException) -> bool:
    """Tell whether an error means that another connection held the lock for too long."""
    return isinstance(error, (DatabaseError, sqlite3.DatabaseError)) and faults.is_locked(error)


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Turn "locked", "full" and "took too long" into `core.errors.Unavailable`; everything else passes."""
    try:
        yield
    except (DatabaseError, sqlite3.Error) as error:
        raised = faults.unavailable(error, "The database")
        if raised is None:
            raise
        raise raised from error
