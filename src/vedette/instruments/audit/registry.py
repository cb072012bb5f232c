"""Which checks there are: the `CHECKS` of every module in every folder beside this file."""

import difflib
import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from vedette.core.errors import Invalid
from vedette.instruments import audit
from vedette.instruments.audit.types import Check


@functools.cache
def families() -> Mapping[str, tuple[Check, ...]]:
    """Return the checks of each family, a folder each."""
    names = sorted(module.name for module in pkgutil.iter_modules(audit.__path__) if module.ispkg)
    return MappingProxyType({name: _load(name) for name in names})


@functools.cache
def checks() -> Mapping[str, Check]:
    """Return every check by its id; raises `ValueError` when two have the same."""
    found = [check for family in families().values() for check in family]
    by_id = {check.id: check for check in found}
    if len(by_id) != len(found):
        raise ValueError("two checks have the same id")
    return MappingProxyType(by_id)


def family_of(name: str) -> tuple[Check, ...]:
    """Return the checks of a family; raises `Invalid` with what was meant."""
    found = families().get(name)
    if found is None:
        raise Invalid(
            f"{name[:60]!r} is no family of checks; {meant(name, families())}", {"family": "unknown"}
        )
    return found


def meant(name: str, known: Mapping[str, object]) -> str:
    """Return a hint at what somebody meant by a name that is none of those known."""
    near = difflib.get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(list(known)[:20])}."


def _load(family: str) -> tuple[Check, ...]:
    folder = importlib.import_module(f"{audit.__name__}.{family}")
    modules = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    loaded = [importlib.import_module(f"{folder.__name__}.{name}") for name in modules]
    return tuple(check for module in loaded for check in getattr(module, "CHECKS", ()))
