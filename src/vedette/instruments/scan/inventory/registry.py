"""Which formats there are: every file under `formats` with a `FORMAT`, and which of them takes a path."""

import fnmatch
import functools
import importlib
import pkgutil
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from vedette.instruments.scan.inventory import formats
from vedette.instruments.scan.inventory.types import Format


@functools.cache
def all_formats() -> Mapping[str, Format]:
    """Return the formats by name."""
    names = [module.name for module in pkgutil.iter_modules(formats.__path__)]
    modules = [importlib.import_module(f"{formats.__name__}.{name}") for name in names]
    found: list[Format] = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return MappingProxyType({each.name: each for each in sorted(found, key=lambda one: one.name)})


def format_of(path: str, *, installed: bool = False) -> Format | None:
    """Return the format that takes a path by its last parts, None where none does. `installed` asks for those trees as well."""
    path = path.replace("\\", "/").lower()
    last = path.rpartition("/")[2]
    found = _exact().get(last) or next((each for each, pattern in _patterns() if pattern.match(path)), None)
    return found if found is not None and (installed or not found.installed) else None


def sniffed(body: bytes) -> Format | None:
    """Return the format that a file of any name is of, by its first bytes."""
    head = body[:4096]
    return next((each for each in all_formats().values() if each.sniff(head)), None)


@functools.cache
def _exact() -> Mapping[str, Format]:
    return {
        name: each for each in all_formats().values() for name in each.names if not set(name) & set("*?[/")
    }


@functools.cache
def _patterns() -> tuple[tuple[Format, re.Pattern[str]], ...]:
    rows = ((each, [n for n in each.names if set(n) & set("*?[/")]) for each in all_formats().values())
    return tuple((each, _pattern(names)) for each, names in rows if names)


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(fnmatch.translate(each) for name in names for each in (name, f"*/{name}")))
