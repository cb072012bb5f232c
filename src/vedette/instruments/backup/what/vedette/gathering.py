"""The data folder of a Vedette: databases that are in use by SQLite's online backup, everything else as files."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vedette.core import names
from vedette.core.clock import monotonic
from vedette.instruments.backup import excluding
from vedette.instruments.backup.types import Failed, Gathered, Tools
from vedette.instruments.backup.what import staged
from vedette.instruments.backup.what.paths import gathering
from vedette.instruments.backup.what.paths.settings import Paths
from vedette.instruments.backup.what.sqlite import copying
from vedette.wire.backup import Failure, Part

KIND = "vedette"
CORE, KEY = "core.db", "secret.key"
DATABASES = "databases"
_HEADER = b"SQLite format 3\0"
_BESIDE = ("-wal", "-shm", "-journal")
_SETTLED = 2 * 86_400.0  # seconds since a database was written: the day of telemetry in it is over
RESTLESS = ("journal", "*.lock", "*.part", "*.state")
_AGAIN = ("feeds",)  # what is fetched again


def gather(data: Path, staging: Path, tools: Tools) -> Gathered:
    """Copy what is in use, list the rest; raises SOURCE_MISSING where there is no Vedette, SOURCE_EMPTY for one without rows."""
    for name in (CORE, KEY):
        if not (data / name).is_file():
            raise Failed(
                Failure.SOURCE_MISSING,
                f"{names.written(data)} holds no {name}: it is no data folder of Vedette.",
            )
    live = tuple(_live(data, tools))
    core = _copied(data, live, staging / DATABASES, tools)
    if not any(table.rows for table in core.tables):  # a key file beside it is no backup
        raise Failed(Failure.SOURCE_EMPTY, f"{names.written(data / CORE)} has no row in any table.")
    files = gathering.gather(_paths(data, live), staging, tools, KIND)
    return msgspec.structs.replace(files, part=_part(files.part, core, staging), steady=(staging,))


def _paths(data: Path, live: tuple[Path, ...]) -> Paths:
    """Return the settings by which everything but the live databases is saved."""
    aside = tuple(f"{excluding.exactly(data / path)}{end}" for path in live for end in ("", *_BESIDE))
    again = tuple(excluding.exactly(data / name) for name in _AGAIN)
    return Paths(paths=(names.written(data),), excludes=(*aside, *again), restless=RESTLESS)


def _part(files: Part, core: copying.Seen, staging: Path) -> Part:
    copies = [path for path in (staging / DATABASES).rglob("*") if path.is_file()]
    return msgspec.structs.replace(
        files, files=files.files + len(copies), bytes=files.bytes + sum(path.stat().st_size for path in copies),
        tables=core.tables, schema=core.schema, sequences=core.sequences,
        facts={**files.facts, staged.DUMP: names.written(staging / DATABASES), "migrations": core.facts["user_version"]},
    )  # fmt: skip


def _live(data: Path, tools: Tools) -> Iterator[Path]:
    """Yield the databases that may be written now, below the data folder."""
    for path in sorted(data.rglob("*.db")):
        below = path.relative_to(data)
        with contextlib.suppress(OSError):  # a piece of the journal that is done goes
            if (
                path.is_symlink()
                or below.parts[0] in {*_AGAIN, "backups"}
                or path.is_relative_to(tools.state)
            ):
                continue
            with path.open("rb") as file:
                is_database = file.read(len(_HEADER)) == _HEADER
            if is_database and not _is_settled(path, tools.now()):
                yield below


def _is_settled(path: Path, now: float) -> bool:
    beside = any(path.with_name(path.name + end).exists() for end in _BESIDE)
    return not beside and path.stat().st_mtime < now - _SETTLED


def _copied(data: Path, live: tuple[Path, ...], into: Path, tools: Tools) -> copying.Seen:
    """Copy the databases; return what core.db was. One that went meanwhile is none."""
    until, core = monotonic() + tools.deadline, None

    def step(left: int, pages: int) -> None:
        del left, pages
        if monotonic() > until:
            raise Failed(Failure.TIMEOUT, "Vedette's databases were not copied in time.")

    for below in live:
        target = into / below
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        staged.told(tools, f"Copying {below}")
        try:
            seen = copying.copy(data / below, target, step)
            staged.like(target, (data / below).stat())
        except (sqlite3.Error, FileNotFoundError) as error:
            if (data / below).exists() and isinstance(error, sqlite3.Error):
                raise Failed(copying.meaning(error), f"{below} cannot be copied: {error}.") from error
            target.unlink(missing_ok=True)
            continue
        core = seen if str(below) == CORE else core
    return core or _settled_core(data)


def _settled_core(data: Path) -> copying.Seen:
    """Return what core.db is where nobody wrote into it for days: it is saved as a file."""
    with copying.opened(data / CORE) as connection:
        return copying.look(connection)
