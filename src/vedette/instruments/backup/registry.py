"""Which engines and sources there are: each is a folder that holds an `engine.py` (or a `source.py` below `what/`)."""

import difflib
import functools
import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments import backup
from vedette.instruments.backup import what
from vedette.instruments.backup.types import Engine, Source
from vedette.wire.backup import What


@functools.cache
def engines() -> Mapping[str, Engine]:
    """Return the engines by kind, in order."""
    names = _folders(backup.__path__, "engine.py")
    return MappingProxyType(
        {name: importlib.import_module(f"{backup.__name__}.{name}.engine").ENGINE for name in names}
    )


@functools.cache
def sources() -> Mapping[str, Source]:
    """Return the sources by kind, in order."""
    names = _folders(what.__path__, "source.py")
    return MappingProxyType(
        {name: importlib.import_module(f"{what.__name__}.{name}.source").SOURCE for name in names}
    )


def engine_of(kind: str) -> Engine:
    """Return an engine; raises `Invalid` with those there are."""
    found = engines().get(kind)
    if found is None:
        raise Invalid(f"{kind[:60]!r} is no engine; {_hint(kind, engines())}", {"engine": "unknown"})
    return found


def source_of(kind: str) -> Source:
    """Return a source; raises `Invalid` with those there are."""
    found = sources().get(kind)
    if found is None:
        raise Invalid(
            f"{kind[:60]!r} is nothing that can be saved; {_hint(kind, sources())}", {"kind": "unknown"}
        )
    return found


def settings_of(asked: What) -> msgspec.Struct:
    """Return the settings of something that is to be saved; raises `Invalid` that names the key."""
    source = source_of(asked.kind)
    try:
        return msgspec.convert(asked.settings, source.settings)
    except msgspec.ValidationError as error:
        raise Invalid(f"{asked.kind}: {error}.", {"settings": str(error)}) from None


def name_of(asked: What) -> str:
    """Return by what a source is known in a manifest."""
    return f"{asked.kind}/{asked.name}" if asked.name else asked.kind


def _hint(kind: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(kind, list(known), 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}."


def _folders(paths: Iterable[str], file: str) -> list[str]:
    folders = [Path(path) for path in paths]
    found = {module.name for module in pkgutil.iter_modules(map(str, folders)) if module.ispkg}
    return sorted(name for name in found if any((folder / name / file).exists() for folder in folders))
