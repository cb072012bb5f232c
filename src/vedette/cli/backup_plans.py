"""Plans without a server: from a file with `[[backup]]`, or made of flags; and the secrets of their copies."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from vedette.cli.backup_options import Where
from vedette.core.errors import ConfigError
from vedette.core.names import written
from vedette.wire.ascode import reading
from vedette.wire.ascode.reading import Fault, Read
from vedette.wire.backup import Copy, Keep, Plan, What

PASSWORD, VARIABLE = "password", "VEDETTE_BACKUP_PASSWORD"
FILES = (Path("vedette.toml"), Path("/etc/vedette/vedette.toml"))
_SECTION = "backup"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_NONE = "There is no plan here: name a file with [[backup]] (--config FILE), or --adhoc --path PATH --to REPOSITORY."


class _Text(msgspec.Struct, frozen=True, kw_only=True):
    backup: tuple[Plan, ...] = ()


def plans(where: Where) -> tuple[Plan, ...]:
    """Return the plans that are meant; raises `ConfigError` for none, or what is wrong with them by file and line."""
    if where.adhoc:
        return (_adhoc(where),)
    file = where.config or next((path for path in FILES if path.is_file()), None)
    if file is None:
        raise ConfigError(_NONE)
    found = _read(file)
    if not found:
        raise ConfigError(_NONE)
    return found


def plan(where: Where, name: str) -> Plan:
    """Return the plan of a name, or the only one there is; raises `ConfigError` with those there are."""
    there = plans(where)
    if not name and len(there) == 1:
        return there[0]
    found = next((one for one in there if one.name == name), None)
    if found is None:
        asked = f"{name[:60]!r} is no plan" if name else "Which plan"
        raise ConfigError(f"{asked}; there are {', '.join(one.name for one in there)}.")
    return found


def copies(chosen: Plan, name: str) -> tuple[Copy, ...]:
    """Return the copy of a name, or all of a plan; raises `ConfigError` with those there are."""
    found = tuple(copy for copy in chosen.copies if name in {"", copy.name})
    if not found:
        there = ", ".join(copy.name for copy in chosen.copies) or "none"
        raise ConfigError(f"--copy {name[:60]}: {chosen.name} is kept in {there}.")
    return found


def given_secrets(where: Where) -> dict[str, str]:
    """Return the secrets that were handed in, by name; raises `ConfigError` for a file that cannot be read."""
    found = dict(map(_named, where.secret))
    password = _first_line(where.password_file) if where.password_file else os.environ.get(VARIABLE, "")
    return {**found, **({PASSWORD: password} if password else {})}


def _adhoc(where: Where) -> Plan:
    if not where.path or not where.to:
        raise ConfigError("--adhoc wants --path PATH (what is saved) and --to REPOSITORY (where it is kept).")
    paths = [str(path.absolute()) for path in where.path]
    repository = where.to if "://" in where.to or ":" in where.to else str(Path(where.to).absolute())
    settings: Mapping[str, object] = {
        "paths": [written(path) for path in paths], **({"excludes": list(where.exclude)} if where.exclude else {}),
    }  # fmt: skip
    mark = hashlib.sha256("\0".join([*paths, repository]).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return Plan(
        name=f"adhoc-{mark}", what=(What(kind="paths", settings=settings),),
        copies=(Copy(name="adhoc", engine=where.engine, at=repository),), keep=Keep(daily=0, weekly=0, monthly=0),
    )  # fmt: skip


def _read(file: Path) -> tuple[Plan, ...]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise ConfigError(f"{file} cannot be read: {why}.") from error
    document = reading.parse(str(file), text)
    read = (
        document
        if isinstance(document, Fault)
        else reading.said(document.only({_SECTION}), _Text, {_SECTION: Plan})
    )
    if isinstance(read, Fault):
        raise ConfigError(str(read))
    fault = next(_faults(read), None)
    if fault is not None:
        raise ConfigError(str(fault))
    return read.said.backup


def _faults(read: Read[_Text]) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, one in enumerate(read.said.backup):
        here = (_SECTION, place)
        if not _NAME.fullmatch(one.name):
            yield read.fault(
                (*here, "name"), f"{one.name[:60]!r} is no name of a plan: small letters, digits and dashes."
            )
        if one.name in seen:
            yield read.fault((*here, "name"), f"There are two plans {one.name}.")
        seen.add(one.name)
        if not one.what or not one.copies:
            yield read.fault(here, f"{one.name} says not what is saved (what), or not where (copies).")


def _named(text: str) -> tuple[str, str]:
    name, equals, file = text.partition("=")
    if not equals or not name:
        raise ConfigError(f"--secret {text[:60]}: write NAME=FILE.")
    return name, _first_line(Path(file))


def _first_line(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: the secret cannot be read.") from error
    if not text:
        raise ConfigError(f"{file} is empty; its first line is the secret.")
    return text
