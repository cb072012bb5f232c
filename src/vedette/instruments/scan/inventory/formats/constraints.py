"""`constraints.txt` (https://pip.pypa.io/en/stable/user_guide/#constraints-files): the versions a project is held to.

What it pins is judged as if it were installed. A range installs nothing: who asks for the package is read elsewhere.
"""

from collections.abc import Iterator

from vedette.instruments.scan.inventory.formats import requirements
from vedette.instruments.scan.inventory.shapes import python
from vedette.instruments.scan.inventory.types import Format, Lockfile
from vedette.wire.scan import Component, Unknown


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    found = list(requirements.FORMAT.read(file))
    pinned = any(isinstance(each, Component) for each in found)
    yield from (each for each in found if not pinned or isinstance(each, Component) or not _is_range(each))


def _is_range(unknown: Unknown) -> bool:
    return unknown.fix == requirements.PIN


FORMAT = Format(
    name="constraints", label="constraints.txt", ecosystem=python.ECOSYSTEM, read=_read,
    names=("constraints*.txt", "*-constraints.txt", "*_constraints.txt"),
)  # fmt: skip
