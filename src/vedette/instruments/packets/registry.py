"""Which enforcers there are: every file in `enforcers/` with an `ENFORCER`. Another one is one new file."""

import difflib
import functools
import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from vedette.core.errors import Invalid
from vedette.instruments.packets import enforcers
from vedette.instruments.packets.port import Enforcer


class Maker(Protocol):
    """Makes one enforcer of options, which stand in a table of `agent.toml`."""

    kind: str
    label: str
    options: frozenset[str]

    def make(self, options: Mapping[str, object]) -> Enforcer:
        """Return the enforcer; raises `Invalid` that names the option that is wrong, and `EnforceError` where it cannot work."""
        ...


@functools.cache
def kinds() -> Mapping[str, Maker]:
    """Return the makers of enforcers by kind."""
    names = [module.name for module in pkgutil.iter_modules(enforcers.__path__)]
    found: list[Maker] = [importlib.import_module(f"{enforcers.__name__}.{name}").ENFORCER for name in names]
    return MappingProxyType({each.kind: each for each in sorted(found, key=lambda one: one.kind)})


def made(kind: str, options: Mapping[str, object]) -> Enforcer:
    """Return an enforcer of a kind; raises `Invalid` with what was meant where kind or option is unknown."""
    maker = kinds().get(kind)
    if maker is None:
        raise Invalid(f"{kind[:40]} is no enforcer{_near(kind, kinds())}")
    for name in options:
        if name not in maker.options:
            raise Invalid(f"{kind}: {name[:40]} is no option{_near(name, maker.options)}")
    return maker.make(options)


def _near(word: str, known: Mapping[str, object] | frozenset[str]) -> str:
    near = difflib.get_close_matches(word, known, 1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(known)) or 'none'}."
