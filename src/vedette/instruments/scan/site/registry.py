"""Which checks of a site there are: every module in `passive` (`look`) and `active` (`probe`) with its `CHECKS`."""

import functools
import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from types import MappingProxyType, ModuleType

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.fetching import Fetcher
from vedette.instruments.scan.site import active, passive
from vedette.instruments.scan.site.types import Site

Look = Callable[[Site], Iterator[Hit]]
Probing = Callable[[Site, Fetcher], AsyncIterator[Hit]]


@functools.cache
def checks() -> Mapping[str, Check]:
    """Return all checks by id."""
    modules = (*_modules(passive), *_modules(active))
    return MappingProxyType({check.id: check for module in modules for check in module.CHECKS})


def looks() -> tuple[Look, ...]:
    """Return what looks at what was collected."""
    return tuple(module.look for module in _modules(passive))


def probes() -> tuple[tuple[str, Probing], ...]:
    """Return what asks further, each with its name."""
    return tuple((module.__name__.rpartition(".")[2], module.probe) for module in _modules(active))


@functools.cache
def _modules(package: ModuleType) -> tuple[ModuleType, ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(importlib.import_module(f"{package.__name__}.{name}") for name in names)
