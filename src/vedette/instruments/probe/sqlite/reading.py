"""Looking into a SQLite file without changing it: the check of its pages, and one statement that reads. Runs in a thread.

The file is opened read-only and as immutable, so that no lock and no journal is touched beside it. A file that is written
meanwhile can then look damaged: whoever calls looks whether it changed.
"""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from urllib.parse import quote

import msgspec

from vedette.instruments.probe.querying import MOST_ROWS

_MOST_LENGTH = 1 << 20
_EVERY = 1000  # instructions between looks at whether time is up
_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_FORBIDDEN = frozenset({"load_extension", "fts3_tokenizer"})


class Seen(msgspec.Struct, frozen=True):
    """What `PRAGMA quick_check` says (`ok`, else the faults), and columns and rows of the query."""

    verdict: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()


def read(path: str, query: str, *, check: bool, stop: threading.Event) -> Seen:
    """Return what is in a file; raises `sqlite3.Error`, also when `stop` is set meanwhile."""
    with _opened(path, stop) as found:
        verdict = "ok"
        if check:
            faults = found.execute("PRAGMA quick_check(5)").fetchall()
            verdict = "; ".join(str(fault[0]) for fault in faults)
        else:
            found.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if not query or verdict != "ok":
            return Seen(verdict)
        found.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_LENGTH)
        found.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        found.set_authorizer(_judged)
        cursor = found.execute(query)
        columns = tuple(column[0] for column in cursor.description or ())
        return Seen(verdict, columns, tuple(tuple(map(_text, row)) for row in cursor.fetchmany(MOST_ROWS)))


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
