"""Reads files that are to be imported: bounded, and a database without changing a byte of it or beside it."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec

from vedette.core.errors import Invalid
from vedette.monitors.importing import yamltree
from vedette.monitors.importing.port import Given

LARGEST = 32 << 20
_MOST_FILES, _MOST_ROWS, _MOST_STEPS = 500, 50_000, 20_000_000
_SQLITE = b"SQLite format 3\x00"
_KINDS = (".yaml", ".yml", ".json", ".db", ".sqlite", ".sqlite3")
_TABLES = (
    "monitor", "tag", "monitor_tag", "maintenance", "monitor_maintenance", "notification", "monitor_notification",
    "proxy", "docker_host", "status_page", "remote_browser",
)  # fmt: skip


def opened(path: Path) -> tuple[Given, ...]:
    """Return a file, or the files of a folder by name; raises `Invalid` for what cannot be read."""
    if path.is_dir():
        inside = [
            each for each in sorted(path.rglob("*")) if each.suffix.lower() in _KINDS and each.is_file()
        ]
        if not 1 <= len(inside) <= _MOST_FILES:
            raise Invalid(
                f"{path} holds {len(inside)} files ({', '.join(_KINDS)}); from 1 to {_MOST_FILES} are read."
            )
        return tuple(_read(each, str(each.relative_to(path))) for each in inside)
    return (_read(path, path.name),)


def _read(path: Path, name: str) -> Given:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise Invalid(f"{path}: {error.strerror}.") from None
    if data.startswith(_SQLITE):
        return Given(name=name, said=_database(path), database=True)
    if len(data) > LARGEST:
        raise Invalid(f"{path} is larger than {LARGEST >> 20} MiB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Invalid(f"{path}:{line}: This is neither UTF-8 nor a database.") from None
    return _said(name, text)


def _said(name: str, text: str) -> Given:
    if text.lstrip().startswith(("{", "[")):
        try:
            found = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            pass  # YAML may begin so as well
        else:
            _refuse_depth(name, found)
            return Given(name=name, said=found)
    said, lines = yamltree.read(name, text)
    return Given(name=name, said=said, lines=lines)


def _refuse_depth(name: str, said: object) -> None:
    level = [said]
    for _ in range(yamltree.DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
    if level:
        raise Invalid(f"{name}: It is nested too deeply.")


def _inside(said: object) -> Iterable[object]:
    if isinstance(said, dict):
        return said.values()
    return said if isinstance(said, list) else ()


def _database(path: Path) -> dict[str, list[dict[str, object]]]:
    """Return the rows of the tables we know of, of those that are there."""
    try:
        database = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error as error:
        raise Invalid(f"{path} cannot be opened: {error}.") from None
    try:
        _bound(database)
        there = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {table: list(_rows(database, table)) for table in _TABLES if table in there}
    except (sqlite3.Error, ValueError, OverflowError) as error:
        raise Invalid(f"{path} cannot be read: {error}.") from None
    finally:
        database.close()


def _bound(database: sqlite3.Connection) -> None:
    """Let a database that somebody made for us neither run for ever nor call what it names."""
    steps = iter(range(_MOST_STEPS // 10_000))
    database.set_progress_handler(lambda: next(steps, None) is None, 10_000)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 4 << 20)
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA query_only = ON")
    database.text_factory = lambda data: data.decode("utf-8", "replace")


def _rows(database: sqlite3.Connection, table: str) -> Iterator[dict[str, object]]:
    found = database.execute(f'SELECT * FROM "{table}" LIMIT {_MOST_ROWS}')  # noqa: S608 - one of our own names
    names = [column[0] for column in found.description]
    for row in found:
        yield {
            name: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            for name, value in zip(names, row, strict=True)
        }


def waiting(path: Path) -> bool:
    """Tell whether a database has a log of changes beside it that are not in the file itself yet."""
    log = Path(f"{path}-wal")
    return log.is_file() and log.stat().st_size > 0
