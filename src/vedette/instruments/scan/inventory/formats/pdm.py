"""`pdm.lock` (https://pdm-project.org/en/latest/usage/lockfile/)."""

from collections.abc import Iterable

from vedette.instruments.scan.inventory.shapes import locked, python
from vedette.instruments.scan.inventory.shapes.jsons import words
from vedette.instruments.scan.inventory.shapes.locked import Package
from vedette.instruments.scan.inventory.types import Format, Lockfile
from vedette.wire.scan import Component, Unknown


def _read(file: Lockfile) -> Iterable[Component | Unknown]:
    return locked.components(file, "pdm lock", _groups, lambda package: words(package.get("dependencies")))


def _groups(package: Package) -> tuple[str, ...]:
    told = words(package.get("groups"))
    return () if "default" in told else told


FORMAT = Format(name="pdm", label="PDM", names=("pdm.lock",), ecosystem=python.ECOSYSTEM, read=_read)
