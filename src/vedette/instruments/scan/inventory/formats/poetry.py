"""`poetry.lock` (https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock), of 1.x and 2.x."""

from collections.abc import Iterable, Mapping

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component, normal
from vedette.instruments.scan.inventory.shapes import python
from vedette.instruments.scan.inventory.shapes.jsons import table, word, words
from vedette.instruments.scan.inventory.shapes.packages import packages
from vedette.instruments.scan.inventory.types import Format, Lockfile
from vedette.wire.scan import Component, Unknown


def _read(file: Lockfile) -> Iterable[Component | Unknown]:
    asked = python.asked_for(file)
    return [_component(file, package, line, asked) for package, line in packages(file.text())]


def _component(
    file: Lockfile, package: Mapping[str, object], line: int, asked: frozenset[str] | None
) -> Component | Unknown:
    name, version = word(package.get("name")), word(package.get("version"))
    if not version:
        return telling.unpinned(file, line, name, "Run `poetry lock` again.")
    return component(
        python.ECOSYSTEM, name, version, file.at(line), groups=_groups(package),
        direct=None if asked is None else normal(python.ECOSYSTEM, name) in asked,
        requires=python.names_of(table(package.get("dependencies"))), hashes=python.hashes(package.get("files")),
    )  # fmt: skip


def _groups(package: Mapping[str, object]) -> tuple[str, ...]:
    """Return the groups that want it, of 1.x its category; nothing for one that is wanted anyway."""
    told = words(package.get("groups")) or tuple(filter(None, [word(package.get("category"))]))
    return () if "main" in told else told


FORMAT = Format(name="poetry", label="Poetry", names=("poetry.lock",), ecosystem=python.ECOSYSTEM, read=_read)
