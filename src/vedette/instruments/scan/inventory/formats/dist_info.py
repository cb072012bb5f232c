"""What a package of Python that is installed says of itself (`METADATA`, `PKG-INFO`)."""

from collections.abc import Iterable

from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes import python
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component


def _read(file: Lockfile) -> Iterable[Component]:
    text = file.body.decode("utf-8", "replace").partition("\n\n")[0]
    rows = [(name, value.strip()) for name, _, value in (line.partition(":") for line in text.splitlines())]
    told = dict(reversed(rows))
    if not told.get("Name") or not told.get("Version"):
        raise Broken("It names no package and version.", 1)
    needs = python.names_of(
        value for name, value in rows if name == "Requires-Dist" and "extra ==" not in value
    )
    yield component(python.ECOSYSTEM, told["Name"], told["Version"], file.place, requires=needs)


FORMAT = Format(
    name="dist-info", label="installed Python packages", ecosystem=python.ECOSYSTEM, read=_read, installed=True,
    names=("*.dist-info/metadata", "*.egg-info/pkg-info"),
)  # fmt: skip
