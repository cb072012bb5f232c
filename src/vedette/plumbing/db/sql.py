"""Thin typed helpers over Django's connection to core.db, for the stores of rooms.

Statements are parameterised (`%s`). Rows are tuples of SQLite's own values.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

from django.db import connection
from django.db import transaction as django_transaction

from vedette.core.clock import monotonic
from vedette.plumbing.db.faults import guarded

Value = str | int | float | bytes | None
Row = tuple[Value, ...]
T = TypeVar("T")
_OPCODES = 10_000
_ROWS_AT_ONCE = 200


@contextlib.contextmanager
def transaction() -> Iterator[None]:
    """Run the block in one transaction (IMMEDIATE: the write lock is taken first); an error undoes all of it.

    Within another transaction it is a savepoint. Raises `Unavailable` when the lock does not free in time or
    the disk is full.
    """
    with guarded(), django_transaction.atomic():
        yield


@contextlib.contextmanager
def reading(seconds: float = 5.0) -> Iterator[None]:
    """Run the block's reads for at most `seconds`; then the statement is interrupted and `Unavailable` raised.

    No snapshot is held between statements, so the write-ahead log can be checkpointed meanwhile.
    """
    connection.ensure_connection()
    end = monotonic() + seconds
    connection.connection.set_progress_handler(lambda: monotonic() > end, _OPCODES)
    try:
        with guarded():
            yield
    finally:
        connection.connection.set_progress_handler(None, 0)


def on_commit(call: Callable[[], None]) -> None:
    """Call once the current transaction has committed; at once when there is none."""
    django_transaction.on_commit(call)


def execute(statement: str, values: Sequence[Value] = ()) -> int:
    """Run one statement and return how many rows it changed."""
    with guarded(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return max(0, int(cursor.rowcount))


def executemany(statement: str, rows: Sequence[Sequence[Value]]) -> int:
    """Run one statement for each row of values and return how many rows changed.

    An INSERT takes many rows at once: SQLite then works on all of them without the interpreter, which each row
    would otherwise have to win back from the other threads.
    """
    if not rows:
        return 0
    tuple_of_marks = f"VALUES ({marks(len(rows[0]))})"
    if not statement.startswith("INSERT") or tuple_of_marks not in statement:
        with guarded(), connection.cursor() as cursor:
            cursor.executemany(statement, rows)
            return max(0, int(cursor.rowcount))
    return sum(
        execute(statement.replace(tuple_of_marks, multiplied(tuple_of_marks, len(part))), [*chain(*part)])
        for part in batched(rows)
    )


def multiplied(tuple_of_marks: str, n: int) -> str:
    """Return `VALUES (%s, %s)` for `n` rows: `VALUES (%s, %s), (%s, %s), …`."""
    return tuple_of_marks + ("," + tuple_of_marks.removeprefix("VALUES ")) * (n - 1)


def batched(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield runs of at most `_ROWS_AT_ONCE` rows, below SQLite's bound of 32,766 values in a statement."""
    return (rows[start : start + _ROWS_AT_ONCE] for start in range(0, len(rows), _ROWS_AT_ONCE))


def query(statement: str, values: Sequence[Value] = ()) -> list[Row]:
    """Return every row of a SELECT (or of a statement with RETURNING)."""
    return rows(_as_it_is, statement, values)


def query_one(statement: str, values: Sequence[Value] = ()) -> Row | None:
    """Return the first row of a SELECT, or None."""
    return row(_as_it_is, statement, values)


def rows(make: Callable[..., T], statement: str, values: Sequence[Value] = ()) -> list[T]:
    """Return `make(*columns)` of every row; `make` is a struct or function that takes the columns in order."""
    with guarded(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [make(*found) for found in cursor.fetchall()]


def row(make: Callable[..., T], statement: str, values: Sequence[Value] = ()) -> T | None:
    """Return `make(*columns)` of the first row, or None."""
    with guarded(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchone()
        return None if found is None else make(*found)


def marks(n: int) -> str:
    """Return `n` placeholders for an `IN (...)`: `%s, %s, %s`."""
    return ", ".join(["%s"] * n)


def _as_it_is(*columns: Value) -> Row:
    return columns
