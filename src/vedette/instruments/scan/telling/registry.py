"""Which formats there are: every module beside this one that holds a `FORMAT`."""

import difflib
import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from vedette.core.errors import ConfigError
from vedette.instruments.scan import telling
from vedette.instruments.scan.telling.types import Format

_OTHERS = frozenset({"registry", "types", "words", "bom"})


@functools.cache
def formats() -> Mapping[str, Format]:
    """Return the formats by name."""
    names = [module.name for module in pkgutil.iter_modules(telling.__path__) if module.name not in _OTHERS]
    found: list[Format] = [importlib.import_module(f"{telling.__name__}.{name}").FORMAT for name in names]
    return MappingProxyType({each.name: each for each in sorted(found, key=lambda one: one.name)})


def format_of(name: str) -> Format:
    """Return a format; raises `ConfigError` with those there are."""
    found = formats().get(name)
    if found is not None:
        return found
    near = difflib.get_close_matches(name, formats(), 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(formats())}."
    raise ConfigError(f"--format {name[:40]!r} is unknown; {hint}")
