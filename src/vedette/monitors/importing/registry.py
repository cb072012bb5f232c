"""Which formats can be imported: every folder under `formats` that holds a `format.py` with a `FORMAT`."""

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from vedette.monitors.importing import formats
from vedette.monitors.importing.port import Format


@functools.cache
def all_formats() -> Mapping[str, Format]:
    """Return the formats by name."""
    names = [module.name for module in pkgutil.iter_modules(formats.__path__) if module.ispkg]
    found: list[Format] = [
        importlib.import_module(f"{formats.__name__}.{name}.format").FORMAT for name in names
    ]
    return MappingProxyType({each.name: each for each in sorted(found, key=lambda one: one.name)})
