"""A SQLite file of this machine, where checks may look: is it whole, and what does a query say?"""

import asyncio
import functools
import os
import sqlite3
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

import msgspec

from vedette.instruments.probe import locality
from vedette.instruments.probe.masking import cut
from vedette.instruments.probe.optioning import decoded, wrong
from vedette.instruments.probe.querying import counted
from vedette.instruments.probe.sqlite.reading import Seen, read
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint

SCHEMES = {"sqlite": 0}
_MOST_QUERY = 10_000
_TRIES = 3
# Of its own, and of a few: a file system that hangs keeps its thread, and the other kinds of checks need theirs.
_THREADS = ThreadPoolExecutor(4, thread_name_prefix="sqlite-check")
P = ParamSpec("P")
T = TypeVar("T")


class SqliteOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With `check` the pages of the file are looked through; `query` is one statement that reads."""

    check: bool = True
    query: str = ""


class SqliteProbe:
    """Implements `probe.types.Probe`."""

    kind = "sqlite"
    label = "SQLite file"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = SqliteOptions
    secrets = ()

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        options = decoded(SqliteOptions, request.options)
        locality.path_of(request.url, "sqlite")
        if len(options.query) > _MOST_QUERY or "\x00" in options.query:
            raise wrong("query", f"{_MOST_QUERY} characters at most, none of them NUL")

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Look through the file and ask; the body is the rows as JSON."""
        options = decoded(SqliteOptions, request.options)
        path = locality.path_of(request.url, "sqlite")
        tape.host = path
        with tape.timed(Phase.TRANSFER):
            real = await _threaded(locality.permitted, path, standpoint.folders)
            seen = await _steady(path, real, options)
        tape.connected = True
        if seen.verdict != "ok":
            raise Failed(Cause.DAMAGED, f"{path} is damaged: {cut(seen.verdict, ())}.")
        rows = [dict(zip(seen.columns, row, strict=False)) for row in seen.rows]
        tape.body = msgspec.json.encode(rows) if options.query else b""
        said = "is whole" if options.check else "can be read"
        more = f", {counted(rows)}" if options.query else ""
        return f"{path} {said}{more};"


async def _steady(path: str, real: str, options: SqliteOptions) -> Seen:
    """Read, and again when the file was written meanwhile and looked wrong: it says nothing then."""
    for _ in range(_TRIES):
        before = await _threaded(_state, path, real)
        try:
            seen = await _read(real, options)
            if seen.verdict == "ok" or before == await _threaded(_state, path, real):
                return seen
        except sqlite3.DatabaseError as error:
            if before == await _threaded(_state, path, real):
                raise _failed(path, error) from error
    raise Failed(
        Cause.QUERY_FAILED,
        f"{path} was written each time it was looked through, so nothing can be said of it.",
    )


def _state(path: str, real: str) -> tuple[int, int]:
    try:
        if not Path(real).is_file():
            raise Failed(Cause.NOT_FOUND, f"{path} does not exist or is no file.")
        with Path(real).open("rb") as file:  # SQLite's own words do not say why it cannot
            found = os.fstat(file.fileno())
        return found.st_mtime_ns, found.st_size
    except OSError as error:
        raise locality.unopened(path, error) from error


async def _read(real: str, options: SqliteOptions) -> Seen:
    """Read in a thread; when the check is over the thread is told to end."""
    stop = threading.Event()
    try:
        return await _threaded(read, real, options.query, check=options.check, stop=stop)
    finally:
        stop.set()


async def _threaded(what: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    return await asyncio.get_running_loop().run_in_executor(_THREADS, functools.partial(what, *args, **named))


def _failed(path: str, error: sqlite3.DatabaseError) -> Failed:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return Failed(Cause.DAMAGED, f"{path} is damaged or no database of SQLite: {cut(str(error), ())}.")
    return Failed(Cause.QUERY_FAILED, f"{path} cannot be asked: {cut(str(error), ())}.")


PROBE = SqliteProbe()
