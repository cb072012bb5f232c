"""SQLite databases, copied while they are used."""

import functools
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path, PurePath

import msgspec

from vedette.core import names
from vedette.core.clock import monotonic
from vedette.instruments.backup import asserting
from vedette.instruments.backup.types import Bench, Failed, Gathered, Source, Tools
from vedette.instruments.backup.what import holding, offering, staged
from vedette.instruments.backup.what.putting import putting_into
from vedette.instruments.backup.what.sqlite import copying
from vedette.wire.backup import Assertion, Check, Failure, Part, Proposal, Table, What

KIND = "sqlite"
_HEADER = b"SQLite format 3\0"
_ENDINGS = (".db", ".sqlite", ".sqlite3", ".db3")
_FOLDERS = ("srv", "var/www", "opt", "home", "var/lib", "root")


class Sqlite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whole paths (written names) of database files. `may_be_empty` allows one without a row."""

    paths: tuple[str, ...]
    may_be_empty: bool = False


class Copied(msgspec.Struct, frozen=True):
    """A database in the manifest: where it was, the file it was copied into, and what its header said."""

    path: str
    file: str
    facts: dict[str, str]


def gather(settings: msgspec.Struct, staging: Path, tools: Tools) -> Gathered:
    """Copy every database into a file of its own; raises SOURCE_MISSING, SOURCE_EMPTY, NOT_PROVEN for a damaged one."""
    assert isinstance(settings, Sqlite)  # noqa: S101 - the registry made it
    if not settings.paths:
        raise Failed(Failure.SOURCE_MISSING, "No database is named.")
    copied, tables, sequences, digests = [], list[Table](), dict[str, int](), list[str]()
    for number, path in enumerate(settings.paths):
        one, seen = _copied(path, staging / f"{number}.sqlite", tools)
        prefix = f"{path}:" if len(settings.paths) > 1 else ""
        tables += [Table(f"{prefix}{table.name}", table.rows) for table in seen.tables]
        sequences |= {f"{prefix}{name}": value for name, value in seen.sequences.items()}
        digests.append(seen.schema)
        copied.append(one)
        if not settings.may_be_empty and not seen.rows:
            raise Failed(Failure.SOURCE_EMPTY, f"{path} has no row in any of its {len(seen.tables)} tables.")
    facts = {"databases": msgspec.json.encode(copied).decode(), "sqlite": sqlite3.sqlite_version}
    part = staged.part_of(KIND, staging, facts, tuple(tables))
    part = msgspec.structs.replace(part, schema=" ".join(digests), sequences=sequences)
    return Gathered(part=part, steady=(staging,))


def _copied(path: str, target: Path, tools: Tools) -> tuple[Copied, copying.Seen]:
    source, until = Path(names.read(path)), monotonic() + tools.deadline
    _is_database(source, path)

    def step(left: int, pages: int) -> None:
        staged.told(tools, f"Copying {path}: {100 - 100 * left // max(pages, 1)} %")
        if monotonic() > until:
            raise Failed(Failure.TIMEOUT, f"{path} was not copied in time.")

    target.touch(mode=0o600)
    try:
        seen = copying.copy(source, target, step)
        with copying.opened(target) as copy:
            bad = copying.faults(copy)
    except sqlite3.Error as error:
        raise Failed(copying.meaning(error), f"{path} cannot be copied: {error}.") from error
    if bad:
        raise Failed(Failure.NOT_PROVEN, f"{path} is damaged already: {bad[:300]}")
    return Copied(path, target.name, seen.facts), seen


def _is_database(source: Path, path: str) -> None:
    try:
        with source.open("rb") as file:
            head = file.read(len(_HEADER))
    except OSError as error:
        raise Failed(Failure.SOURCE_MISSING, f"{path}: {error.strerror}.") from None
    if not head:
        raise Failed(Failure.SOURCE_EMPTY, f"{path} has no byte in it.")
    if head != _HEADER:
        raise Failed(Failure.SOURCE_MISSING, f"{path} is no SQLite database (or an encrypted one).")


def prove(settings: msgspec.Struct, bench: Bench) -> tuple[Check, ...]:
    """Open every database that came back: all its pages, its rows, how it is made, and what the plan asks."""
    del settings
    found = _Proof(bench)
    checks = [staged.timed(functools.partial(found.whole, one)) for one in _databases(bench.part)]
    if not checks:
        return (Check(name="databases", passed=False, text="The manifest names no database."),)
    part = bench.part
    checks += [
        staged.same_tables(part.tables, tuple(found.tables)), staged.same("schema", part.schema, " ".join(found.schemas)),
        staged.same("sequences", dict(part.sequences), found.sequences),
    ]  # fmt: skip
    return (*checks, *found.asserted)


class _Proof:
    """The databases of one part, opened one by one."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._several = bench, len(_databases(bench.part)) > 1
        self.tables: list[Table] = []
        self.schemas: list[str] = []
        self.sequences: dict[str, int] = {}
        self.asserted: list[Check] = []

    def whole(self, one: Copied) -> Check:
        """Look at one database; it is copied first, for a journal may have to be rolled back."""
        name = f"integrity of {one.path}"
        try:
            copy = self._bench.scratch / one.file
            shutil.copyfile(_file(self._bench, one), copy, follow_symlinks=False)
            with copying.opened(copy, mode="rw") as connection:
                bad = copying.faults(connection)
                self._note(one, copying.look(connection))
                self.asserted += self._asks(one, connection)
        except (sqlite3.Error, OSError, Failed) as error:
            return Check(name=name, passed=False, text=f"It cannot be used: {error}")
        return Check(name=name, passed=not bad, text=bad or "every page and index is whole")

    def _note(self, one: Copied, seen: copying.Seen) -> None:
        prefix = f"{one.path}:" if self._several else ""
        self.tables += [Table(f"{prefix}{table.name}", table.rows) for table in seen.tables]
        self.sequences |= {f"{prefix}{name}": value for name, value in seen.sequences.items()}
        self.schemas.append(seen.schema)

    def _asks(self, one: Copied, connection: sqlite3.Connection) -> Iterator[Check]:
        called = {one.path, PurePath(one.path).name, PurePath(one.path).stem}
        for asked in self._bench.asserts:
            if asked.sql and (asked.database in called or (not asked.database and not self._several)):
                yield _answered(asked, connection)


def _answered(asked: Assertion, connection: sqlite3.Connection) -> Check:
    try:
        row = connection.execute(asked.sql).fetchone()
    except (sqlite3.Error, sqlite3.Warning) as error:
        return asserting.refused(asked, f"It cannot be asked: {error}.")
    if not row or row[0] is None:
        return asserting.refused(asked, "It has no value.")
    return asserting.judge(asked, str(row[0]))


def put_back(settings: msgspec.Struct, bench: Bench, into: Path | None) -> tuple[Check, ...]:
    """Bring the databases back into a folder under their whole paths, or to where they were (None).

    Where one was, its write-ahead log and journal belong to the old file and go: with them the new one would be damaged. Stop
    what uses it first.
    """
    assert isinstance(settings, Sqlite)  # noqa: S101
    if into is None:
        staged.meant((one.path for one in _databases(bench.part)), settings.paths)
        _unused(bench)
    putting = putting_into(into, bench.tools)
    for one in _databases(bench.part):
        home = Path(names.read(one.path))
        home = home.resolve() if into is None else home
        came = bench.scratch / "back" / one.file / home.name
        came.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_file(bench, one), came, follow_symlinks=False)
        _as_before(came, home if into is None else None)
        for end in ("-wal", "-shm", "-journal") if into is None else ():
            Path(f"{home}{end}").unlink(missing_ok=True)
        putting.bring(came, home.relative_to("/"))
    return (putting.put.check(),)


def _unused(bench: Bench) -> None:
    """Whoever has a database open would go on with the old file, and remove the new one's log when it ends."""
    for one in _databases(bench.part):
        users = holding.holders(Path(names.read(one.path)))
        if users:
            raise Failed(
                Failure.TARGET_MISSING, f"{one.path} is open in {', '.join(users)}: stop that first."
            )


def _as_before(came: Path, target: Path | None) -> None:
    """A copy has the owner and mode of the file that it takes the place of: its application must be able to open it."""
    came.chmod(0o600)
    if target is None or not target.exists():
        return
    found = target.lstat()
    came.chmod(found.st_mode & 0o777)
    os.chown(came, found.st_uid, found.st_gid)


def _databases(part: Part) -> tuple[Copied, ...]:
    """Return what the manifest says was copied; names in it that lead anywhere are cut to their last part."""
    try:
        found = msgspec.json.decode(part.facts.get("databases", "[]"), type=tuple[Copied, ...])
    except msgspec.DecodeError:
        return ()
    return tuple(msgspec.structs.replace(one, file=PurePath(one.file).name or "0.sqlite") for one in found)


def _file(bench: Bench, one: Copied) -> Path:
    folder = staged.dump_of(bench)
    path = folder / one.file
    if path.is_symlink():
        raise Failed(Failure.NOT_PROVEN, f"{one.file} came back as a link.")
    return path


def propose(root: Path) -> tuple[Proposal, ...]:
    """Propose databases that lie where applications keep them."""
    found: list[Proposal] = []
    for path in offering.files(root, _FOLDERS, _ENDINGS):
        if len(found) >= 50:
            break
        try:
            with path.open("rb") as file:
                size = (
                    path.stat().st_size if file.read(len(_HEADER)) == _HEADER and not path.is_symlink() else 0
                )
        except OSError:
            continue
        if size:
            name, where = path.stem, offering.on_host(path, root)
            what = What(kind=KIND, name=name, settings={"paths": [where]})
            found.append(
                Proposal(
                    what=what,
                    sentence=f"{where} is a SQLite database of {offering.amount(size)}.",
                    bytes=size,
                )
            )
    return tuple(found)


SOURCE = Source(
    kind=KIND, label="SQLite", about="Databases copied by SQLite's online backup while they are used, with the rows of that moment.",
    settings=Sqlite, gather=gather, prove=prove, put_back=put_back, propose=propose,
)  # fmt: skip
