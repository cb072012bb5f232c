"""Which handler answers a path; the kinds are the files of `kinds/`, found by themselves."""

import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType
from urllib.parse import unquote

from vedette.instruments.hetzner.fake import kinds
from vedette.instruments.hetzner.fake.acting import Effect
from vedette.instruments.hetzner.fake.calls import Refused
from vedette.instruments.hetzner.fake.table import Handler, Route


@functools.cache
def _modules() -> tuple[ModuleType, ...]:
    names = sorted(found.name for found in pkgutil.iter_modules(kinds.__path__))
    return tuple(importlib.import_module(f"{kinds.__name__}.{name}") for name in names)


@functools.cache
def routes() -> tuple[Route, ...]:
    """Return everything that is answered, what names a path literally first."""
    found = [route for module in _modules() for route in getattr(module, "ROUTES", ())]
    return tuple(sorted(found, key=lambda route: route[1].count("{")))


@functools.cache
def effects() -> Mapping[str, Effect]:
    """Return what actions do when they end well, by `owner.command`."""
    return {name: effect for module in _modules() for name, effect in getattr(module, "EFFECTS", {}).items()}


@functools.cache
def undoing() -> Mapping[str, Effect]:
    """Return what remains to be done when actions fail, by `owner.command`."""
    return {name: effect for module in _modules() for name, effect in getattr(module, "UNDOING", {}).items()}


def find(method: str, path: str) -> tuple[Handler, tuple[str, ...]]:
    """Return who answers, and the open parts of the path. Raises `Refused` (404, 405)."""
    parts = path.strip("/").split("/")
    fits = [(route, args) for route in routes() if (args := open_parts(route[1], parts)) is not None]
    for (wanted, _, handler), args in fits:
        if wanted == method:
            return handler, args
    if fits:
        raise Refused(405, "method_not_allowed", f"{method} is not possible at {path}")
    raise Refused(404, "not_found", f"there is nothing at {path}")


def open_parts(template: str, parts: list[str]) -> tuple[str, ...] | None:
    """Return what a template leaves open of the parts of a path, or nothing where it does not fit."""
    wanted = template.strip("/").split("/")
    if len(wanted) != len(parts):
        return None
    if any(want != part for want, part in zip(wanted, parts, strict=True) if not want.startswith("{")):
        return None
    return tuple(unquote(part) for want, part in zip(wanted, parts, strict=True) if want.startswith("{"))
