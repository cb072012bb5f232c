"""Which sections a digest has: every file under `sections/` that holds a `SECTION`, in their order."""

import functools
import importlib
import pkgutil

from vedette.reports import sections
from vedette.reports.types import Teller


@functools.cache
def tellers() -> tuple[Teller, ...]:
    """Return what tells the sections, in the order in which they stand."""
    names = [module.name for module in pkgutil.iter_modules(sections.__path__)]
    found: list[Teller] = [importlib.import_module(f"{sections.__name__}.{name}").SECTION for name in names]
    return tuple(sorted(found, key=lambda one: one.order))
