"""Which kinds of things are read and written: every file of `kinds` with an `ADAPTER`."""

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from vedette.instruments.hetzner import kinds
from vedette.instruments.hetzner.types import Adapter


@functools.cache
def all_adapters() -> Mapping[str, Adapter]:
    """Return the adapters by kind."""
    modules = [
        importlib.import_module(f"{kinds.__name__}.{each.name}")
        for each in pkgutil.iter_modules(kinds.__path__)
    ]
    found: list[Adapter] = [module.ADAPTER for module in modules]
    return MappingProxyType({each.kind: each for each in found})
