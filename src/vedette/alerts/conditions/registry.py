"""Finds the kinds of rules: every file of this folder that has a `CONDITION`."""

import functools
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from vedette.alerts import conditions
from vedette.alerts.conditions.kind import Condition
from vedette.core.errors import Invalid

_ORDER = (
    "new_issue",
    "regression",
    "threshold",
    "severity",
)  # as the form has always had them; the rest follows


@functools.cache
def kinds() -> Mapping[str, Condition]:
    """Return every kind of rule by its name, in the order of the form."""
    modules = (
        import_module(f"{conditions.__name__}.{found.name}")
        for found in pkgutil.iter_modules(conditions.__path__)
    )
    made = {
        each.kind: each
        for module in modules
        for each in [getattr(module, "CONDITION", None)]
        if each is not None
    }
    return MappingProxyType({name: made[name] for name in (*_ORDER, *sorted(made.keys() - set(_ORDER)))})


def of(kind: str) -> Condition:
    """Return one kind; raises `Invalid` that names them all."""
    found = kinds().get(kind)
    if found is None:
        raise Invalid(
            "The rule is not complete.",
            {"kind": f"There is no kind {kind!r}; it is one of {', '.join(kinds())}."},
        )
    return found
