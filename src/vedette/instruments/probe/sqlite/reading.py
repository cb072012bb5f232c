"""Looking into a SQLite file without changing it: the check of its pages, and one statement that reads. Runs in a thread.

The file is opened read-only and as immutable, so that no lock and no journal is touched beside it. A file that is written
meanwhile can then look damaged: whoever calls looks whether it changed.
"""

import contextlib
import itertools
import sqlite3
import threading
from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from vedette.instruments.probe.querying import MOST_ROWS

_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 64
    << 10,  # of one value: what a function makes of it is not looked at until it is done
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
_MOST_KEPT = 1 << 20
_EVERY = 100  # instructions between looks at whether time is up
_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_FORBIDDEN = frozenset({"load_extension", "fts3_tokenizer"})


class Seen(msgspec.Struct, frozen=True):
    """What `PRAGMA quick_check` says (`ok`, else the faults), and columns and rows of the query."""

    verdict: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()


def read(path: str, query: str, *, check: bool, stop: threading.Event) -> Seen:
    """Return what is in a file; raises `sqlite3.Error`, also when `stop` is set meanwhile, or what a query finds is too large."""
    with _opened(path, stop) as found:
        verdict = "ok"
        if check:
            faults = found.execute("PRAGMA quick_check(5)").fetchall()
            verdict = "; ".join(str(fault[0]) for fault in faults)
        else:
            found.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if not query or verdict != "ok":
            return Seen(verdict)
        for limit, most in _LIMITS.items():
            found.setlimit(limit, most)
        found.set_authorizer(_judged)
        cursor = found.execute(query)
        columns = tuple(column[0] for column in cursor.description or ())
        return Seen(verdict, columns, _kept(cursor))


def _kept(cursor: sqlite3.Cursor) -> tuple[tuple[str | None, ...], ...]:
    """Return the first rows; raises `sqlite3.DataError` when they are too much to keep."""
    rows, size = [], 0
    for row in itertools.islice(cursor, MOST_ROWS):
        rows.append(tuple(map(_text, row)))
        size += sum(len(text) for text in rows[-1] if text is not None)
        if size > _MOST_KEPT:
            raise sqlite3.DataError(f"its rows have more than {_MOST_KEPT} characters together; ask for less")
    return tuple(rows)


@contextlib.contextmanager
def _opened(path: str, stop: threading.Event) -> Iterator[sqlite3.Connection]:
    found = sqlite3.connect(f"file:{quote(path)}?mode=ro&immutable=1", uri=True)
    try:
        found.set_progress_handler(stop.is_set, _EVERY)
        found.execute("PRAGMA temp_store = MEMORY")
        yield found
    finally:
        found.close()


def _judged(action: int, _: str | None, name: str | None, *__: str | None) -> int:
    """Let a statement read and compute, and nothing else: no ATTACH, no PRAGMA, no writing."""
    if action == sqlite3.SQLITE_FUNCTION and (name or "").lower() not in _FORBIDDEN:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value[:1000].hex()
    return None if value is None else str(value)
