"""Which measures there are: the `MEASURES` of every file of `areas`."""

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from vedette.instruments.harden import areas as package
from vedette.instruments.harden.types import Measure

_FIRST, _LAST = ("packages",), ("ssh", "firewall")  # what others stand on, and what people come in by


@functools.cache
def measures() -> Mapping[str, Measure]:
    """Return every measure by its id, in the order in which they are done; raises `ValueError` when two have the same."""
    names = sorted((module.name for module in pkgutil.iter_modules(package.__path__)), key=_place)
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    found = [measure for module in modules for measure in module.MEASURES]
    by_id = {measure.id: measure for measure in found}
    if len(by_id) != len(found):
        raise ValueError("two measures have the same id")
    return MappingProxyType(by_id)


@functools.cache
def areas() -> Mapping[str, str]:
    """Return in which area each measure lies, and each check that one answers for."""
    found: dict[str, str] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        for measure in importlib.import_module(f"{package.__name__}.{name}").MEASURES:
            found[measure.id] = name
            found |= {check: name for check in measure.checks if check not in found}
    return MappingProxyType(found)


def _place(name: str) -> tuple[bool, bool, int, str]:
    return name not in _FIRST, name in _LAST, _LAST.index(name) if name in _LAST else 0, name
