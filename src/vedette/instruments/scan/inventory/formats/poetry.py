"""`poetry.lock` (https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock), of 1.x and 2.x."""

from collections.abc import Iterable

from vedette.instruments.scan.inventory.shapes import locked, python
from vedette.instruments.scan.inventory.shapes.jsons import table, word, words
from vedette.instruments.scan.inventory.shapes.locked import Package
from vedette.instruments.scan.inventory.types import Format, Lockfile
from vedette.wire.scan import Component, Unknown


def _read(file: Lockfile) -> Iterable[Component | Unknown]:
    return locked.components(file, "poetry lock", _groups, lambda package: table(package.get("dependencies")))


def _groups(package: Package) -> tuple[str, ...]:
    """Return the groups that want it, of 1.x its category; nothing for one that is wanted anyway."""
    told = words(package.get("groups")) or tuple(filter(None, [word(package.get("category"))]))
    return () if "main" in told else told


FORMAT = Format(name="poetry", label="Poetry", names=("poetry.lock",), ecosystem=python.ECOSYSTEM, read=_read)
