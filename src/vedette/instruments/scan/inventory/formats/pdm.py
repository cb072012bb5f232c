"""`pdm.lock` (https://pdm-project.org/en/latest/usage/lockfile/)."""

from collections.abc import Iterable, Mapping

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component, normal
from vedette.instruments.scan.inventory.shapes import python
from vedette.instruments.scan.inventory.shapes.jsons import word, words
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
        return telling.unpinned(file, line, name, "Run `pdm lock` again.")
    groups = words(package.get("groups"))
    return component(
        python.ECOSYSTEM, name, version, file.at(line), groups=() if "default" in groups else groups,
        direct=None if asked is None else normal(python.ECOSYSTEM, name) in asked,
        requires=python.names_of(words(package.get("dependencies"))), hashes=python.hashes(package.get("files")),
    )  # fmt: skip


FORMAT = Format(name="pdm", label="PDM", names=("pdm.lock",), ecosystem=python.ECOSYSTEM, read=_read)
