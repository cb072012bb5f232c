"""Which kinds of things a plan knows: every file of `kinds` with a `KIND`."""

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from vedette.deploy import kinds
from vedette.deploy.planning.kind import Kind


@functools.cache
def all_kinds() -> Mapping[str, Kind]:
    """Return the kinds by name."""
    modules = [
        importlib.import_module(f"{kinds.__name__}.{each.name}")
        for each in pkgutil.iter_modules(kinds.__path__)
    ]
    found: list[Kind] = [module.KIND for module in modules]
    return MappingProxyType({each.name: each for each in found})
