"""Which checks of a domain there are: every module in `checks`, with its `CHECKS` and its `probe`."""

import functools
import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable, Mapping
from types import MappingProxyType, ModuleType

from vedette.instruments.scan.checking import Check, Hit
from vedette.instruments.scan.dns import checks as package
from vedette.instruments.scan.dns.zone import Zone

Probing = Callable[[Zone], AsyncIterator[Hit]]


@functools.cache
def checks() -> Mapping[str, Check]:
    """Return all checks by id."""
    return MappingProxyType({check.id: check for module in _modules() for check in module.CHECKS})


def probes() -> tuple[tuple[str, Probing], ...]:
    """Return what asks, each with its name."""
    return tuple((module.__name__.rpartition(".")[2], module.probe) for module in _modules())


@functools.cache
def _modules() -> tuple[ModuleType, ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return tuple(importlib.import_module(f"{package.__name__}.{name}") for name in names)
