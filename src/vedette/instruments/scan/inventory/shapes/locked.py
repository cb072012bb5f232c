"""Lock files of Python that list packages in `[[package]]` tables beside a `pyproject.toml`: PDM's and Poetry's. Pure."""

from collections.abc import Callable, Iterable, Mapping

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component, normal
from vedette.instruments.scan.inventory.shapes import python
from vedette.instruments.scan.inventory.shapes.jsons import word
from vedette.instruments.scan.inventory.shapes.packages import packages
from vedette.instruments.scan.inventory.types import Lockfile
from vedette.wire.scan import Component, Unknown

Package = Mapping[str, object]


def components(
    file: Lockfile,
    command: str,
    groups: Callable[[Package], tuple[str, ...]],
    requires: Callable[[Package], Iterable[str]],
) -> Iterable[Component | Unknown]:
    """Yield what a lock file lists. `command` writes it; of a package `groups` want it, and it `requires` others.

    What stands there without a version is unknown.
    """
    asked = python.asked_for(file)
    for package, line in packages(file.text()):
        name, version = word(package.get("name")), word(package.get("version"))
        if not version:
            yield telling.unpinned(file, line, name, f"Run `{command}` again.")
            continue
        yield component(
            python.ECOSYSTEM, name, version, file.at(line), groups=groups(package),
            direct=None if asked is None else normal(python.ECOSYSTEM, name) in asked,
            requires=python.names_of(requires(package)), hashes=python.hashes(package.get("files")),
        )  # fmt: skip
