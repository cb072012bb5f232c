"""Plans without a server: from a file with `[[backup]]`, or made of flags; and the secrets of their copies."""

import difflib
import hashlib
import itertools
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from vedette.cli.backup_options import Where
from vedette.core.errors import ConfigError
from vedette.core.names import written
from vedette.instruments.backup import words
from vedette.wire.ascode import reading
from vedette.wire.ascode.reading import Document, Fault, Read
from vedette.wire.backup import Copy, Keep, Plan, What

PASSWORD, VARIABLE = "password", "VEDETTE_BACKUP_PASSWORD"
FILES = (Path("vedette.toml"), Path("/etc/vedette/vedette.toml"))
_SECTION = "backup"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_NONE = "There is no plan here: name a file with [[backup]] (--config FILE), or --adhoc --path PATH --to REPOSITORY."


class _Copy(Copy, frozen=True, kw_only=True):
    given: Mapping[str, Mapping[str, str]] = {}


class _Plan(Plan, frozen=True, kw_only=True):
    """A plan as a server's files say it, too: `host` and `project` mean nothing here."""

    host: str = ""
    project: str = ""
    copies: tuple[_Copy, ...]


class _Text(msgspec.Struct, frozen=True, kw_only=True):
    backup: tuple[_Plan, ...] = ()


def plans(where: Where) -> tuple[Plan, ...]:
    """Return the plans that are meant; raises `ConfigError` for none, or what is wrong with them by file and line."""
    if where.adhoc:
        return (_adhoc(where),)
    found = _read(where.config) if where.config else filed()
    if not found:
        raise ConfigError(_NONE)
    return found


def filed() -> tuple[Plan, ...]:
    """Return the plans of the first of the usual files that has some; raises `ConfigError` for what is wrong with them."""
    found = (_read(path) for path in FILES if path.is_file())
    return next((plans for plans in found if plans), ())


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


def secrets(where: Where, copy: Copy) -> dict[str, str]:
    """Return the secrets of a copy that were handed in, by name: by its plan's file, by flags, which win.

    Raises `ConfigError` for one that cannot be read.
    """
    filed = copy.given if isinstance(copy, _Copy) else {}
    found = {name: _opened(name, source) for name, source in filed.items()} | dict(map(_named, where.secret))
    password = _first_line(where.password_file) if where.password_file else os.environ.get(VARIABLE, "")
    typed = password or found.get(PASSWORD, "")
    return {**found, **({PASSWORD: words.understood(typed)} if typed else {})}


def _opened(name: str, source: Mapping[str, str]) -> str:
    if set(source) == {"file"}:
        return _first_line(Path(source["file"]))
    value = os.environ.get(source["env"], "") if set(source) == {"env"} else ""
    if not value:
        raise ConfigError(
            f'The secret {name}: write {{ file = "/path" }}, or {{ env = "NAME" }} of a variable that is set.'
        )
    return value


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
        else reading.said(document.only({_SECTION}), _Text, {_SECTION: _Plan})
    )
    if isinstance(read, Fault):
        raise ConfigError(str(read))
    assert not isinstance(document, Fault)  # noqa: S101 - it was read
    fault = next(itertools.chain(_strays(document), _faults(read)), None)
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


def _strays(document: Document) -> Iterator[Fault]:
    """Yield the keys that nobody reads: a slip in one would be a plan that does something else."""
    tables = document.table.get(_SECTION, [])
    for place, table in enumerate(tables):
        yield from _unknown(document, table, msgspec.convert(table, _Plan), (_SECTION, place))


def _unknown(
    document: Document, table: Mapping[str, object], said: object, here: reading.Path
) -> Iterator[Fault]:
    if not isinstance(said, msgspec.Struct):
        return
    fields = dict(zip(said.__struct_encode_fields__, said.__struct_fields__, strict=True))
    for key, value in table.items():
        if key not in fields:
            near = difflib.get_close_matches(key, fields, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"it takes {', '.join(fields)}."
            yield document.fault((*here, key), f"There is no `{key}` here; {hint}")
            continue
        inner = getattr(said, fields[key])
        if isinstance(value, Mapping):
            yield from _unknown(document, value, inner, (*here, key))
        elif isinstance(value, list) and isinstance(inner, tuple):
            for number, (one, each) in enumerate(zip(value, inner, strict=True)):
                if isinstance(one, Mapping):
                    yield from _unknown(document, one, each, (*here, key, number))


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
