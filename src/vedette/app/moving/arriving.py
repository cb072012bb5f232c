"""Read an export into this installation: what is here already stays, the rest is added.

Rows are known again by what makes them what they are (`Table.same`), so a run that was stopped, and one done twice, adds
nothing twice. An id that is taken here is changed, and with it everything that names it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from vedette.app import migrate
from vedette.app.moving import file
from vedette.app.moving.catalogue import BY_NAME, EVENTS, Table
from vedette.app.moving.file import Row, Value
from vedette.errors import grouping
from vedette.errors.types import KIND, Part
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports
from vedette.plumbing.telemetry.port import Record

_CHUNK = 500
_PARTS = msgspec.msgpack.Decoder(tuple[Part, ...]).decode
_PROJECT, _ISSUE = "projects_project", "errors_issue"


class Result(msgspec.Struct, kw_only=True):
    """What an import did: rows added and rows that were here, by part; what stands otherwise here; what to enter again."""

    added: Counter[str]
    known: Counter[str]
    conflicts: list[str]
    again: list[str]


class _DryRun(Exception):
    """Undoes the transaction of a dry run."""


class Import:
    """One import of a file that was checked."""

    def __init__(self, path: Path, head: file.Header) -> None:
        self._path, self._head = path, head
        self._ids: dict[str, dict[int, int]] = {name: {} for name in BY_NAME}
        self._hashes: dict[bytes, bytes] = {}
        self._issues: dict[tuple[Value, ...], int] = {}
        self.result = Result(added=Counter(), known=Counter(), conflicts=[], again=list(head.again))

    def run(self) -> None:
        """Add what is not here, a chunk a transaction."""
        self._learn()
        for rows in _chunked(file.rows(self._path)):
            with sql.transaction():
                self._add([row for row in rows if row.part != EVENTS])
            self._append([row for row in rows if row.part == EVENTS])

    def rehearse(self) -> None:
        """Do the same in one transaction that is undone; events are counted as they are in the file."""
        self._learn()
        try:
            with sql.transaction():
                for rows in _chunked(file.rows(self._path)):
                    self._add([row for row in rows if row.part != EVENTS])
                    self.result.added[EVENTS] += sum(row.part == EVENTS for row in rows)
                raise _DryRun
        except _DryRun:
            pass

    def _learn(self) -> None:
        """Remember the issues that are here by what makes them one: no index finds them by that."""
        for id_, project, component, parts, kind in sql.query(
            "SELECT id, project, component, parts, kind FROM errors_issue"
        ):
            self._issues[project, component, parts, kind] = int(id_ or 0)

    def _add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            table = BY_NAME[row.part]
            self._add_one(table, dict(zip(self._head.columns[row.part], row.values, strict=True)))

    def _add_one(self, table: Table, row: dict[str, Value]) -> None:
        old = row.get(table.id) if table.id else None
        fresh = {**self._renamed(table, row), **table.without}
        found = self._find(table, fresh)
        if found is not None:
            self.result.known[table.name] += 1
            self._remember(table, old, found[0])
            self._compare(table, fresh)
            return
        self._make_room(table, fresh)
        names = ", ".join(f'"{name}"' for name in fresh)
        sql.execute(
            f"INSERT INTO {table.name} ({names}) VALUES ({sql.marks(len(fresh))})",  # noqa: S608 - names of our own schema
            tuple(fresh.values()),
        )
        self.result.added[table.name] += 1
        if old is not None:
            row_id = fresh.get(table.id)
            last = sql.query_one("SELECT last_insert_rowid()") if row_id is None else (row_id,)
            self._remember(table, old, last[0] if last else None)
            if table.name == _ISSUE:
                self._issues[tuple(fresh[name] for name in table.same)] = self._ids[_ISSUE][int(str(old))]

    def _renamed(self, table: Table, row: dict[str, Value]) -> dict[str, Value]:
        """Return a row with the ids that hold here; a project that got another id takes its hashes along."""
        fresh = {
            column: self._named(table.names[column], value) if column in table.names else value
            for column, value in row.items()
        }
        if table.name == _ISSUE and fresh["project"] != row["project"]:
            self._rehash(row, int(str(fresh["project"])))
        if (
            table.name == "accounts_audit"
            and row["actor_kind"] == "user"
            and isinstance(row["actor_id"], int)
        ):
            fresh["actor_id"] = self._ids["accounts_user"].get(row["actor_id"], row["actor_id"])
        if table.name == "errors_hash" and isinstance(fresh["hash"], bytes):
            fresh["hash"] = self._hashes.get(fresh["hash"], fresh["hash"])
        return fresh

    def _named(self, other: str, value: Value) -> Value:
        ids = self._ids[other]
        if isinstance(value, str):
            return msgspec.json.encode([ids[each] for each in file.named(value)]).decode()
        if isinstance(value, int) and value < 0:  # counts of a whole project stand under its negative id
            return -self._ids[_PROJECT][-value]
        return ids[value] if isinstance(value, int) and value else value  # 0: every project

    def _rehash(self, row: dict[str, Value], project: int) -> None:
        parts, component = _PARTS(row["parts"]), str(row["component"])  # type: ignore[arg-type]
        for version in grouping.METHODS:
            before = grouping.identity(int(str(row["project"])), component, parts, version)
            self._hashes[before] = grouping.identity(project, component, parts, version)

    def _find(self, table: Table, row: dict[str, Value]) -> tuple[Value, ...] | None:
        """Return the key of the row that is the same here."""
        same = tuple(row[name] for name in table.same)
        if table.name == _ISSUE:
            found = self._issues.get(same)
            return None if found is None else (found,)
        return _same(table, (table.id or table.same[0],), row)

    def _make_room(self, table: Table, row: dict[str, Value]) -> None:
        """Let the database give an id where the row's own is taken, and an issue's number likewise."""
        if table.name == "plumbing_kv":
            row["revision"] = _one("SELECT coalesce(max(revision), 0) + 1 FROM plumbing_kv")
        if table.id and _one(f'SELECT count(*) FROM {table.name} WHERE "{table.id}" = %s', row[table.id]):  # noqa: S608
            if table.name == _PROJECT:
                self.result.again.append(f"the DSN of {row['slug']!s} in its SDKs: its id is taken here")
            del row[table.id]
        if table.name == _ISSUE:
            # those of merged issues are taken too: they come back when they are split off
            numbers = "(SELECT project, number FROM errors_issue UNION ALL SELECT project, number FROM errors_group)"
            taken = f"SELECT count(*) FROM {numbers} WHERE project = %s AND number = %s"  # noqa: S608 - our own schema
            if _one(taken, row["project"], row["number"]):
                last = _one(f"SELECT max(number) FROM {numbers} WHERE project = %s", row["project"])  # noqa: S608
                self.result.conflicts.append(
                    f"issue {row['number']!s} of project {row['project']!s} is {last + 1} here"
                )
                row["number"] = last + 1

    def _remember(self, table: Table, old: Value, here: Value) -> None:
        if isinstance(old, int) and isinstance(here, int):
            self._ids[table.name][old] = here

    def _compare(self, table: Table, row: dict[str, Value]) -> None:
        """Tell where a person, project, rule or setting stands otherwise here; it stays as it is here."""
        told = {"accounts_user": ("name", "role", "is_active"), _PROJECT: ("name", "platform"),
                "alerts_rule": ("severity", "enabled"), "plumbing_kv": ("value",)}.get(table.name)  # fmt: skip
        if told is None:
            return
        here = _same(table, told, row)
        differ = [name for name, value in zip(told, here or (), strict=False) if value != row[name]]
        if differ:
            self.result.conflicts.append(f"{row[table.same[0]]!s}: {', '.join(differ)} stays as it is here")

    def _append(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        records = [self._record(row.values) for row in rows]
        known = [ports().telemetry.get(r.kind, r.id, project=r.project) is not None for r in records]
        ports().telemetry.append([r for r, here in zip(records, known, strict=True) if not here])
        self.result.known[EVENTS] += sum(known)
        self.result.added[EVENTS] += len(known) - sum(known)

    def _record(self, values: Sequence[Value]) -> Record:
        kind, id_, key, old, at, seq, body = values
        project, packed, hash_ = (
            self._ids[_PROJECT][int(str(old))],
            str(body).encode(),
            bytes.fromhex(str(key)),
        )
        if project != old and kind == KIND:
            packed = msgspec.json.encode(msgspec.json.decode(packed) | {"project": project})
        return Record(
            kind=str(kind), id=bytes.fromhex(str(id_)), key=self._hashes.get(hash_, hash_), project=project,
            at=float(str(at)), seq=int(str(seq)), body=packed,
        )  # fmt: skip


def arrive(path: Path, *, dry_run: bool) -> Result:
    """Check a whole file, then import it; raises `Invalid` with file and line before anything is changed."""
    head = file.header(path, migrate.fingerprint())
    file.check(path, head)
    work = Import(path, head)
    if dry_run:
        work.rehearse()
    else:
        work.run()
    return work.result


def _chunked(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk


def _same(table: Table, columns: Sequence[str], row: dict[str, Value]) -> tuple[Value, ...] | None:
    """Return columns of the row that is the same here; None when there is none."""
    wanted = {name: row[name] for name in table.same}
    where = " AND ".join(f'"{name}" IS NULL' if v is None else f'"{name}" = %s' for name, v in wanted.items())
    names = ", ".join(f'"{name}"' for name in columns)
    return sql.query_one(
        f"SELECT {names} FROM {table.name} WHERE {where} LIMIT 1",  # noqa: S608 - names of our own schema
        tuple(v for v in wanted.values() if v is not None),
    )


def _one(statement: str, *values: Value) -> int:
    row = sql.query_one(statement, values)
    return int(row[0] or 0) if row else 0
