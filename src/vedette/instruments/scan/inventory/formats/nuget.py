"""`packages.lock.json` of NuGet (https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies)."""

from collections.abc import Iterator, Mapping

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes import jsons
from vedette.instruments.scan.inventory.shapes.jsons import table, word
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

ECOSYSTEM = "NuGet"


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    text = file.text()
    told, lines = jsons.read(text), jsons.lines(text)
    if "dependencies" not in told:
        raise Broken("It lists no dependencies.", 1)
    seen: set[tuple[str, str]] = set()
    for packages in jsons.held(told, "dependencies").values():
        for name, value in table(packages).items():
            package = table(value)
            key = (name, word(package.get("resolved")))
            if key not in seen and word(package.get("type")) != "Project":
                seen.add(key)
                yield _component(file, name, package, lines.get(name, 0))


def _component(file: Lockfile, name: str, package: Mapping[str, object], line: int) -> Component | Unknown:
    version, sums = word(package.get("resolved")), word(package.get("contentHash"))
    if not version:
        return telling.unpinned(file, line, name, "Run `dotnet restore --force-evaluate`.")
    return component(
        ECOSYSTEM, name, version, file.at(line), direct=word(package.get("type")) == "Direct",
        requires=tuple(table(package.get("dependencies"))), hashes=(f"sha512:{sums}",) if sums else (),
    )  # fmt: skip


FORMAT = Format(name="nuget", label="NuGet", names=("packages.lock.json",), ecosystem=ECOSYSTEM, read=_read)
