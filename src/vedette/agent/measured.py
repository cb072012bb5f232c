"""What besides the host itself is measured, by `/etc/vedette/measure.toml`: databases, backups, certificates, time servers.

It holds passwords, so it is a file of its own that nobody but its owner may read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from vedette.core.errors import ConfigError, Invalid
from vedette.instruments.databases.types import Database, Look
from vedette.instruments.host.happenings import Conditions
from vedette.wire.ascode import reading
from vedette.wire.ascode.reading import Fault, Read

FILE = Path("/etc/vedette/measure.toml")
_MOST = 50


class MeasuresDatabase(Protocol):
    """A database that is measured again and again."""

    def remember(self, conditions: Conditions) -> None:
        """Tell what lasts by conditions that are kept."""
        ...

    def sample(self, now: float) -> Look:
        """Return what is measured and what has to be told."""
        ...


def _postgres(database: Database) -> MeasuresDatabase:
    """What speaks to databases is loaded where there are any: an agent starts quickly and stays small."""
    from vedette.instruments.postgres.measuring import PostgresMeter

    return PostgresMeter(database)


def _mysql(database: Database) -> MeasuresDatabase:
    from vedette.instruments.mysql.measuring import MysqlMeter

    return MysqlMeter(database)


_METERS: Mapping[str, Callable[[Database], MeasuresDatabase]] = {
    "postgres": _postgres, "postgresql": _postgres, "mysql": _mysql, "mariadb": _mysql,
}  # fmt: skip


class _DatabaseText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    url: str
    user: str
    password: str = ""
    socket: str = ""
    tls: bool = False
    authority: str = ""


class _Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    certificates: tuple[str, ...] = ()
    time_servers: tuple[str, ...] = ()
    backups: dict[str, str] = {}
    database: tuple[_DatabaseText, ...] = ()


_SECTIONS: Mapping[str, type[msgspec.Struct]] = {
    **dict.fromkeys(_Text.__struct_fields__, _Text),
    "database": _DatabaseText,
}


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What is measured: patterns of certificates and (by name) of backups, time servers, and databases."""

    certificates: tuple[str, ...] = ()
    time_servers: tuple[str, ...] = ()
    backups: Mapping[str, str] = {}
    databases: Sequence[MeasuresDatabase] = ()


def load(path: Path = FILE) -> Measured:
    """Read the file; nothing is measured besides the host where there is none. Raises `ConfigError`."""
    try:
        text = path.read_text(encoding="utf-8")
        mode = path.stat().st_mode & 0o077
    except FileNotFoundError:
        return Measured()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: it is no text in UTF-8 (byte {error.start}).") from None
    found = read(text, path)
    if mode and "password" in text:
        raise ConfigError(f"{path} holds a password and others may read it: chmod 600 {path}")
    return found


def read(text: str, path: Path = FILE) -> Measured:
    """Return what a text says; raises `ConfigError` for the first thing that is wrong."""
    found = reading.checked(str(path), text, _Text, _SECTIONS, _faults)
    said = found.said
    return Measured(
        certificates=said.certificates, time_servers=said.time_servers, backups=said.backups,
        databases=[_meter(found, place) for place in range(len(said.database))],
    )  # fmt: skip


def _faults(found: Read[_Text]) -> Iterator[Fault]:
    said = found.said
    for name, patterns in (("certificates", said.certificates), ("backups", tuple(said.backups.values()))):
        for pattern in patterns:
            if not pattern.startswith("/"):
                yield found.fault(
                    (name,), f"`{name}` holds whole paths, in which * and ? may stand, not {pattern[:60]!r}."
                )
    if len(said.database) > _MOST:
        yield found.fault(("database",), f"There are {len(said.database)} databases; {_MOST} are the most.")
    names = [one.name for one in said.database]
    for place, one in enumerate(said.database):
        if not one.name or names.index(one.name) < place:
            yield found.fault(
                ("database", place, "name"),
                f"`name` is what it is called in charts, each another, not {one.name[:60]!r}.",
            )
        if one.url.partition(":")[0] not in _METERS:
            yield found.fault(
                ("database", place, "url"), "`url` is postgres://host:5432/database or mysql://host:3306."
            )
        for key, path in (("socket", one.socket), ("authority", one.authority)):
            if path and not path.startswith("/"):
                yield found.fault(("database", place, key), f"`{key}` is a whole path, not {path[:60]!r}.")


def _meter(found: Read[_Text], place: int) -> MeasuresDatabase:
    one = found.said.database[place]
    try:
        authority = Path(one.authority).read_text(encoding="utf-8") if one.authority else ""
        made = Database(
            name=one.name, url=one.url, user=one.user, password=one.password, socket=one.socket, tls=one.tls, authority=authority
        )  # fmt: skip
        return _METERS[one.url.partition(":")[0]](made)
    except (OSError, UnicodeDecodeError) as error:
        fault = found.fault(
            ("database", place, "authority"), f"`authority` {one.authority} cannot be read: {error}."
        )
        raise ConfigError(str(fault)) from None
    except Invalid as error:
        raise ConfigError(str(found.fault(("database", place, "url"), str(error)))) from None
