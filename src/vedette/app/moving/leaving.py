"""Write an export: from a copy of core.db, so that it is of one instant, and from the days of telemetry.

What is done is remembered in `<file>.state` after every chunk; a run that was stopped goes on from there.
"""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import msgspec

from vedette.app import migrate
from vedette.app.moving import file
from vedette.app.moving.catalogue import EVENTS, FORMAT, TABLES, Table
from vedette.app.moving.file import Value
from vedette.core.clock import iso
from vedette.core.errors import Unavailable
from vedette.plumbing.db.files import copy_database
from vedette.plumbing.telemetry import bodies

_CHUNK = 500
_FRESH = 86_400.0  # a copy older than this is made anew
_CHANNEL = "notify_channel"
_MAY_BE_GONE = ("accounts_user", "projects_project", _CHANNEL)  # what rows may name although it was deleted


class State(msgspec.Struct, kw_only=True):
    """How far an export is: the place in the part `part` after which it goes on, and what was written.

    `made` is when the copy of core.db was made, `schema` what it is of: an old copy, or another schema's, is of no use.
    """

    part: str
    made: float = 0.0
    schema: int = 0
    after: int = 0
    size: int = 0
    chain: str = file.BEGIN.hex()
    counts: dict[str, int] = {}
    again: list[str] = []


class Export:
    """One export of a data folder to `path`. `secrets` names, by kind of channel, the fields that never leave."""

    def __init__(self, path: Path, data: Path, secrets: Mapping[str, frozenset[str]]) -> None:
        self._path, self._data, self._secrets = path, data, secrets
        self._part, self._state_file, self._copy = (
            path.with_name(path.name + end) for end in (".part", ".state", ".core.db")
        )
        self._state = State(part=TABLES[0].name)
        self._ids: dict[str, frozenset[int]] = {}

    def run(self, now: float) -> file.Header:
        """Write the file, or go on where a run was stopped; returns its header. Raises `Unavailable`."""
        try:
            return self._run(now)
        except (OSError, sqlite3.Error) as error:
            raise Unavailable(
                f"{self._path} cannot be written: {error}. Run it again: it goes on from there."
            ) from error

    def _run(self, now: float) -> file.Header:
        self._resume(now)
        with contextlib.closing(_opened(self._copy)) as core, self._part.open("r+b") as out:
            out.truncate(self._state.size)
            out.seek(self._state.size)
            columns = {table.name: tuple(_columns(core, table)) for table in TABLES}
            self._ids = {name: _ids(core, name) for name in _MAY_BE_GONE}
            self._tables(core, columns, out)
            self._events(out)
            again = [*self._state.again, *_people(core), *_tokens(core)]
        head = file.Header(
            vedette="export", format=FORMAT, schema=migrate.fingerprint(), made_at=iso(self._state.made), columns=columns,
            counts=self._state.counts, chain=self._state.chain, again=tuple(dict.fromkeys(again)),
        )  # fmt: skip
        self._finish(head)
        return head

    def _resume(self, now: float) -> None:
        """Take up the state of a run that was stopped within the last day; without one begin anew, from a fresh copy."""
        if self._copy.exists() and self._part.exists() and self._state_file.exists():
            with contextlib.suppress(msgspec.DecodeError):
                found = msgspec.json.decode(self._state_file.read_bytes(), type=State)
                if found.schema == migrate.fingerprint() and 0 <= now - found.made < _FRESH:
                    self._state = found
                    return
        self._state.made, self._state.schema = now, migrate.fingerprint()
        copy_database(self._data / "core.db", self._copy)
        os.close(os.open(self._part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))

    def _tables(self, core: sqlite3.Connection, columns: dict[str, tuple[str, ...]], out: BinaryIO) -> None:
        names = [table.name for table in TABLES]
        if self._state.part not in names:
            return
        for table in TABLES[names.index(self._state.part) :]:
            if self._state.part != table.name:
                self._state.part, self._state.after = table.name, 0
            for rows in _chunks(core, table, columns[table.name], self._state):
                self._write(table.name, [self._fit(table, columns[table.name], row) for row in rows], out)
        self._state.part, self._state.after = "", 0

    def _events(self, out: BinaryIO) -> None:
        """Write the days of telemetry, oldest first; events that come meanwhile may be in or not.

        Those of projects that were deleted stay behind: they only wait for their day to be dropped.
        """
        for path in sorted((self._data / "telemetry").glob("*.db")):
            if path.stem < self._state.part:
                continue
            if self._state.part != path.stem:
                self._state.part, self._state.after = path.stem, 0
            with contextlib.closing(_opened(path)) as day:
                for rows in _day_chunks(day, self._state):
                    kept = [row for row in rows if row[3] in self._ids["projects_project"]]
                    self._write(EVENTS, kept, out)

    def _fit(self, table: Table, columns: tuple[str, ...], row: tuple[Value, ...]) -> tuple[Value, ...]:
        """Return a row as it leaves: without credentials, and without names of what was deleted."""
        told = dict(zip(columns, row, strict=True))
        for column, other in table.names.items():
            if other in self._ids:
                told[column] = _still(told[column], self._ids[other])
        if table.name == _CHANNEL:
            self._bare(told)
        return tuple(told.values())

    def _bare(self, told: dict[str, Value]) -> None:
        """Take the credentials out of a channel; one that had some is switched off until they are entered again."""
        config = msgspec.json.decode(str(told["config"]), type=dict[str, str])
        secret = self._secrets.get(str(told["kind"]), frozenset(config))
        gone = [name for name, value in config.items() if value and name in secret]
        if gone:
            told["config"] = msgspec.json.encode(config | dict.fromkeys(gone, "")).decode()
            told["enabled"] = 0
            self._state.again.append(f"channel {told['name']!s}: {', '.join(gone)}; then switch it on")

    def _write(self, part: str, rows: list[tuple[Value, ...]], out: BinaryIO) -> None:
        """Append rows and remember it; the state is written after the rows are on disk."""
        state, chain = self._state, bytes.fromhex(self._state.chain)
        for row in rows:
            line = file.encoded(part, row)
            out.write(line + b"\n")
            chain = file.linked(chain, line)
        out.flush()
        os.fsync(out.fileno())
        state.chain, state.size = chain.hex(), out.tell()
        state.counts[part] = state.counts.get(part, 0) + len(rows)
        fresh = self._state_file.with_name(self._state_file.name + ".new")
        fresh.write_bytes(msgspec.json.encode(state))
        fresh.rename(self._state_file)

    def _finish(self, head: file.Header) -> None:
        """Put the header before the rows; the file appears under its name when it is whole."""
        whole = self._path.with_name(self._path.name + ".new")
        with os.fdopen(os.open(whole, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as out:
            out.write(msgspec.json.encode(head) + b"\n")
            with self._part.open("rb") as rows:
                shutil.copyfileobj(rows, out)
            out.flush()
            os.fsync(out.fileno())
        whole.rename(self._path)
        for gone in (self._part, self._state_file, self._copy):
            gone.unlink(missing_ok=True)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)


def _ids(core: sqlite3.Connection, table: str) -> frozenset[int]:
    return frozenset(row[0] for row in core.execute(f"SELECT id FROM {table}"))  # noqa: S608 - a name of our own


def _still(value: Value, known: frozenset[int]) -> Value:
    """Return what a value names of what is still there; counts of whole projects stand under negative ids."""
    if isinstance(value, str):
        return msgspec.json.encode([each for each in file.named(value) if each in known]).decode()
    return value if value in known or not isinstance(value, int) or value <= 0 else None


def _columns(core: sqlite3.Connection, table: Table) -> Iterator[str]:
    if "rowid" in table.same:
        yield "rowid"
    for row in core.execute(f"PRAGMA table_info({table.name})"):
        if row[1] not in table.without:
            yield row[1]


def _chunks(
    core: sqlite3.Connection, table: Table, columns: tuple[str, ...], state: State
) -> Iterator[list[tuple[Value, ...]]]:
    """Yield the rows of a table in the order of what makes them known, from the state's place on, which moves."""
    plain = {name: f'{table.name}."{name}"' for name in columns}
    names = ", ".join(f'{table.instead.get(name, plain[name])} AS "{name}"' for name in columns)
    order = ", ".join(f'"{name}"' for name in ((table.id,) if table.id else table.same))
    cursor = core.execute(
        f"SELECT {names} FROM {table.name} {'WHERE ' + table.where if table.where else ''}"  # noqa: S608 - our own names
        f" ORDER BY {order} LIMIT -1 OFFSET ?",
        (state.after,),
    )
    while rows := cursor.fetchmany(_CHUNK):
        state.after += len(rows)
        yield rows


def _day_chunks(day: sqlite3.Connection, state: State) -> Iterator[list[tuple[Value, ...]]]:
    """Yield the records of a day in the order they were stored."""
    statement = "SELECT rowid, kind, id, key, project, at, seq, body FROM record WHERE rowid > ? ORDER BY rowid LIMIT ?"
    begun = day.execute("SELECT 1 FROM sqlite_master WHERE name = 'record'").fetchone()
    while begun and (rows := day.execute(statement, (state.after, _CHUNK)).fetchall()):
        state.after = rows[-1][0]
        yield [
            (kind, id_.hex(), key.hex(), project, at, seq, bodies.unpack(body).decode())
            for _, kind, id_, key, project, at, seq, body in rows
        ]


def _people(core: sqlite3.Connection) -> list[str]:
    """Name those who need a new password and authenticator."""
    rows = core.execute("SELECT email FROM accounts_user WHERE is_active ORDER BY id").fetchall()
    return [f"password and authenticator of {email}" for (email,) in rows]


def _tokens(core: sqlite3.Connection) -> list[str]:
    tokens = core.execute("SELECT name FROM accounts_token WHERE revoked_at IS NULL ORDER BY id").fetchall()
    hooks = core.execute(
        "SELECT p.slug FROM deploys_hook h JOIN projects_project p ON p.id = h.project ORDER BY p.id"
    ).fetchall()
    monitors = core.execute("SELECT name FROM monitors_monitor WHERE secrets != '' ORDER BY id").fetchall()
    locations = core.execute("SELECT name FROM monitors_location ORDER BY id").fetchall()
    pages = core.execute("SELECT slug FROM status_page WHERE password != '' ORDER BY id").fetchall()
    return [
        *(f"API token {name}" for (name,) in tokens),
        *(f"deploy hook of {slug}" for (slug,) in hooks),
        *(f"secrets of the monitor {name}" for (name,) in monitors),
        *(f"location {name}, and which monitors are checked from it" for (name,) in locations),
        *(f"password of the status page {slug}; then switch it on" for (slug,) in pages),
    ]
