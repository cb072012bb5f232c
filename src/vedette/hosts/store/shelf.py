"""SQL of measures: files beside core.db by day (or month), so that what is old goes by removing files. See decision 29.

What was measured in the hour that goes on is a row a sample; what is over is a block (`hosts.blocks`) by the hour.
"""

import contextlib
import os
import sqlite3
import threading
from array import array
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from pathlib import Path

from vedette.core.clock import day_start, utc_day
from vedette.core.errors import Unavailable
from vedette.hosts import blocks
from vedette.hosts.blocks import Block, Row
from vedette.hosts.types import DAY, HOUR, MINUTE
from vedette.plumbing.ports import ports
from vedette.plumbing.sqlite import whole

FOLDER = "measures"
FINE, FIVE, HOURLY = "fine", "five", "hour"
KEPT = {FINE: 2 * DAY, FIVE: 14 * DAY, HOURLY: 365 * DAY}
MOST_LAYOUTS = 500  # of one host in a day: which series are measured together
MOST_SERIES = 2_000  # of one host in a day
_MOST_OPEN, _MOST_FILES, _MOST_KNOWN = 6, 4, 60_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS layout (id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS sample (host INTEGER, at INTEGER, layout INTEGER, body BLOB, PRIMARY KEY (host, at)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS block (host INTEGER, at INTEGER, body BLOB, PRIMARY KEY (host, at)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS process (host INTEGER, at INTEGER, body BLOB, PRIMARY KEY (host, at)) WITHOUT ROWID;
"""
_LOCAL = threading.local()
Sampled = tuple[int, float, Sequence[str], Sequence[float]]  # host, instant, names, values


class Layouts:
    """The numbers of sets of series in the files of this process, and how much each host names in them; for one thread."""

    def __init__(self) -> None:
        self._known: dict[str, dict[tuple[str, ...], int]] = {}
        self._seen: dict[str, dict[int, set[int]]] = {}
        self._series: dict[str, dict[int, array[int]]] = {}  # hashes of the series of a host

    def forget(self) -> None:
        """Forget the numbers: what was to be written with them is not."""
        self._known.clear()

    def number(self, db: sqlite3.Connection, file: str, host: int, names: tuple[str, ...]) -> int | None:
        """Return the number of a set of series in a file; None when a host has named too many of them."""
        self._forget_others(file)
        known, seen = self._known.setdefault(file, {}), self._seen[file].setdefault(host, set())
        found = known.get(names)
        if found is not None and found in seen:
            return found
        if len(seen) >= MOST_LAYOUTS or not self._fit(file, host, names):
            return None
        if found is None:
            text = "\n".join(names)
            db.execute("INSERT OR IGNORE INTO layout (names) VALUES (?)", (text,))
            found = int(db.execute("SELECT id FROM layout WHERE names = ?", (text,)).fetchone()[0])
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known[names] = found
        seen.add(found)
        return found

    def _fit(self, file: str, host: int, names: tuple[str, ...]) -> bool:
        """Count the series of a host in a file, unless there would be too many."""
        held = self._series[file]
        both = array("q", sorted({*held.get(host, ()), *map(hash, names)}))
        if len(both) > MOST_SERIES:
            return False
        held[host] = both
        return True

    def _forget_others(self, file: str) -> None:
        """Begin with a file, and forget the oldest of more than a few."""
        if file in self._seen:
            return
        self._seen[file], self._series[file] = {}, {}
        for old in sorted(self._seen)[:-_MOST_FILES]:
            for held in (self._known, self._seen, self._series):
                held.pop(old, None)
        self._seen.setdefault(file, {})
        self._series.setdefault(file, {})


def put(
    samples: Iterable[Sampled], processes: Iterable[tuple[int, float, bytes]], layouts: Layouts
) -> Collection[int]:
    """Write samples and processes, once however often they come; return the hosts of which some were refused.

    Samples of one second are one: what the later one measured counts, and what only the earlier one did stays.
    Of a host processes are kept once a minute. Raises `Unavailable`.
    """
    refused: set[int] = set()
    by_file: dict[str, tuple[list[Sampled], list[tuple[int, int, bytes]]]] = {}
    for one in samples:
        by_file.setdefault(_name(FINE, one[1]), ([], []))[0].append(one)
    for host, at, body in processes:
        by_file.setdefault(_name(FINE, at), ([], []))[1].append((host, int(at // MINUTE * MINUTE), body))
    for name, (measured, running) in by_file.items():
        try:
            with _writing(name) as db:
                found = [_row(db, name, _with_before(db, one), layouts) for one in measured]
                fit = [row for row in found if row[2] is not None]
                refused.update(row[0] for row in found if row[2] is None)
                db.executemany("INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?)", fit)
                db.executemany("INSERT OR REPLACE INTO process VALUES (?, ?, ?)", running)
        except Unavailable:
            layouts.forget()
            raise
    return refused


def _with_before(db: sqlite3.Connection, one: Sampled) -> Sampled:
    """Return a sample with what was measured in its second and is written already."""
    host, at, names, values = one
    before = db.execute(
        "SELECT names, body FROM sample JOIN layout ON layout.id = sample.layout WHERE host = ? AND at = ?",
        (host, int(at)),
    ).fetchone()
    if before is None:
        return one
    both = dict(zip(_names_of(str(before[0])), array("f", before[1]), strict=True)) | dict(
        zip(names, values, strict=True)
    )
    return host, at, tuple(both), tuple(both.values())


def _row(
    db: sqlite3.Connection, name: str, one: Sampled, layouts: Layouts
) -> tuple[int, int, int | None, bytes]:
    host, at, names, values = one
    return host, int(at), layouts.number(db, name, host, tuple(names)), array("f", values).tobytes()


def _names_of(text: str) -> Sequence[str]:
    """Return the series of a layout; an empty one has none."""
    return text.split("\n") if text else []


def unpacked(before: float, n: int, skip: Container[int] = ()) -> list[tuple[int, float]]:
    """Return up to `n` hosts with samples of before an instant that are in no block yet, and when the oldest was measured."""
    found: list[tuple[int, float]] = []
    for name in _names(FINE):
        with _reading(name) as db:
            host = -1
            while db is not None and len(found) < n:
                row = db.execute(
                    "SELECT host, at FROM sample WHERE host > ? ORDER BY host, at LIMIT 1", (host,)
                ).fetchone()
                if row is None:
                    break
                host = int(row[0])
                if row[1] < before and host not in skip:
                    found.append((host, float(row[1])))
    return found


def last(host: int, now: float) -> tuple[float, Sequence[str], Sequence[float]] | None:
    """Return the newest sample of a host in the last two hours, with its instant."""
    for at in (now, now - 2 * HOUR):
        with _reading(_name(FINE, at)) as db:
            found = (
                db
                and db.execute(
                    "SELECT at, names, body FROM sample JOIN layout ON layout.id = sample.layout"
                    " WHERE host = ? AND at > ? ORDER BY at DESC LIMIT 1",
                    (host, int(now - 2 * HOUR)),
                ).fetchone()
            )
        if found:
            return float(found[0]), _names_of(str(found[1])), array("f", found[2])
    return None


def rows(host: int, start: float, end: float) -> Iterator[Row]:
    """Yield the samples that are in no block yet, oldest first."""
    for name in _between(FINE, start, end):
        with _reading(name) as db:
            found = (
                db
                and db.execute(
                    "SELECT at, names, body FROM sample JOIN layout ON layout.id = sample.layout"
                    " WHERE host = ? AND at >= ? AND at < ? ORDER BY at",
                    (host, start, end),
                ).fetchall()
            )
        yield from ((int(at), _names_of(names), array("f", body)) for at, names, body in found or ())


def read(shelf: str, host: int, start: float, end: float) -> Iterator[bytes]:
    """Yield the blocks of a shelf that may touch a while, oldest first."""
    span = DAY if shelf == HOURLY else HOUR
    for name in _between(shelf, start - span, end):
        with _reading(name) as db:
            found = (
                db
                and db.execute(
                    "SELECT body FROM block WHERE host = ? AND at > ? AND at < ? ORDER BY at",
                    (host, start - span, end),
                ).fetchall()
            )
        yield from (bytes(body) for (body,) in found or ())


def write(shelf: str, host: int, at: float, block: Block) -> None:
    """Put a block that begins at an instant into a shelf, together with what is there of it. Raises `Unavailable`."""
    with _writing(_name(shelf, at)) as db:
        found = db.execute("SELECT body FROM block WHERE host = ? AND at = ?", (host, int(at))).fetchone()
        whole = blocks.joined([blocks.unpack(bytes(found[0])), block]) if found else block
        db.execute("INSERT OR REPLACE INTO block VALUES (?, ?, ?)", (host, int(at), blocks.pack(whole)))
        if shelf == FINE:
            db.execute(
                "DELETE FROM sample WHERE host = ? AND at >= ? AND at < ?", (host, int(at), int(at + HOUR))
            )


def processes(host: int, at: float, within: float) -> tuple[float, bytes] | None:
    """Return the processes that were told nearest before an instant, at most so many seconds before, and when."""
    for name in reversed(list(_between(FINE, at - within, at + 1))):
        with _reading(name) as db:
            found = (
                db
                and db.execute(
                    "SELECT at, body FROM process WHERE host = ? AND at > ? AND at <= ? ORDER BY at DESC LIMIT 1",
                    (host, at - within, at),
                ).fetchone()
            )
        if found:
            return float(found[0]), bytes(found[1])
    return None


def forget(host: int) -> None:
    """Delete what was measured on a host."""
    for shelf in KEPT:
        for name in _names(shelf):
            with _writing(name) as db:
                for table in ("sample", "block", "process"):
                    db.execute(f"DELETE FROM {table} WHERE host = ?", (host,))  # noqa: S608 - names of ours


def drop_old(now: float) -> int:
    """Remove the files whose time is over; return how many."""
    old = [(name, shelf) for shelf, kept in KEPT.items() for name in _names(shelf) if _end(name) < now - kept]
    for name, _ in old:
        for suffix in ("", "-wal", "-shm"):
            (_folder() / f"{name}{suffix}").unlink(missing_ok=True)
    return len(old)


def _folder() -> Path:
    return ports().settings.data / FOLDER


def _name(shelf: str, at: float) -> str:
    return f"{shelf}-{utc_day(at)[:7] if shelf == HOURLY else utc_day(at)}.db"


def _end(name: str) -> float:
    """Return when the time of a file ends."""
    day = name.removesuffix(".db").partition("-")[2]
    if len(day) == len("2026-11-26"):
        return day_start(day) + DAY
    year, month = int(day[:4]), int(day[5:7])
    return day_start(f"{year + month // 12}-{month % 12 + 1:02}-01")


def _names(shelf: str) -> list[str]:
    return sorted(path.name for path in _folder().glob(f"{shelf}-*.db"))


def _between(shelf: str, start: float, end: float) -> Iterator[str]:
    wanted, last_name = _name(shelf, max(0.0, start)), _name(shelf, max(0.0, end))
    return (name for name in _names(shelf) if wanted <= name <= last_name)


@contextlib.contextmanager
def _reading(name: str) -> Iterator[sqlite3.Connection | None]:
    """Yield a file to read, None where there is none."""
    path = _folder() / name
    try:
        yield _connection(path) if path.exists() else None
    except sqlite3.Error as error:
        raise Unavailable(f"Measures cannot be read ({name}): {error}.") from error


@contextlib.contextmanager
def _writing(name: str) -> Iterator[sqlite3.Connection]:
    """Yield a file in one transaction."""
    try:
        _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        db = _connection(_folder() / name)
        with whole(db):
            yield db
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(f"Measures cannot be written ({name}): {error}.") from error


def _connection(path: Path) -> sqlite3.Connection:
    """Return this thread's connection to a file; a few are kept, and none to a file that was removed."""
    open_now: dict[Path, sqlite3.Connection] = _LOCAL.__dict__.setdefault("open", {})
    found = open_now.pop(path, None)
    if found is not None and not path.exists():
        found.close()
        found = None
    if found is None:
        while len(open_now) >= _MOST_OPEN:
            open_now.pop(next(iter(open_now))).close()
        if not path.exists():
            _make(path)
        found = sqlite3.connect(path, timeout=5.0, isolation_level=None)
        found.execute("PRAGMA synchronous=NORMAL")
    open_now[path] = found
    return found


def _make(path: Path) -> None:
    """Make a file whole beside its place: SQLite waits for nobody when two processes switch one new file to WAL at once."""
    draft = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}.new")
    draft.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as new:
        new.execute("PRAGMA journal_mode=WAL")
        new.executescript(_SCHEMA)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


def close() -> None:
    """Close the files that this thread has open."""
    for one in _LOCAL.__dict__.pop("open", {}).values():
        one.close()
