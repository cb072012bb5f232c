"""What SQLite says when it cannot, in our words: a lock that did not free, a disk that is full, a read too long."""

from vedette.core.errors import Unavailable

_LOCKED = ("database is locked", "database table is locked", "database schema is locked", "locking protocol")
_FULL = (
    "database or disk is full",
    "disk i/o error",
    "unable to open database file",
    "attempt to write a readonly database",
)
_STOPPED = ("interrupted",)


def is_locked(error: BaseException) -> bool:
    """Tell whether an error means that another connection held the lock for too long."""
    return str(error).lower().startswith(_LOCKED)


def is_full(error: BaseException) -> bool:
    """Tell whether an error means that the disk is full or cannot be written."""
    return str(error).lower().startswith(_FULL)


def unavailable(error: BaseException, what: str) -> Unavailable | None:
    """Return how an error of SQLite (or Django's copy of it) reads to a person; None when it is another kind of error.

    `what` names the store: "The journal".
    """
    if is_locked(error):
        return Unavailable(f"{what} is locked by another process; try again in a moment.", 2.0)
    if is_full(error):
        return Unavailable(f"{what} cannot be written ({error}): free disk space where `data` lies.", 30.0)
    if str(error).lower().startswith(_STOPPED):
        return Unavailable(f"{what} took too long to read; narrow the question or try again.", 5.0)
    return None
