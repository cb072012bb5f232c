"""`pubspec.lock` (https://dart.dev/tools/pub/glossary#lockfile)."""

from collections.abc import Iterator, Mapping

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes import jsons, yamls
from vedette.instruments.scan.inventory.shapes.jsons import table, word
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

ECOSYSTEM = "Pub"
_OWN = frozenset({"sdk", "path"})


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    told = yamls.read(file.text())
    if "packages" not in told:
        raise Broken("It lists no packages.", 1)
    packages = jsons.held(told, "packages")
    lines = yamls.lines(packages)
    for name, value in packages.items():
        if word(table(value).get("source")) not in _OWN:
            yield _component(file, name, table(value), lines.get(name, 0))


def _component(file: Lockfile, name: str, package: Mapping[str, object], line: int) -> Component | Unknown:
    version, wanted = word(package.get("version")), word(package.get("dependency"))
    if not version:
        return telling.unpinned(file, line, name, "Run `dart pub get`.")
    sums = word(table(package.get("description")).get("sha256"))
    return component(
        ECOSYSTEM, name, version, file.at(line), groups=("dev",) if wanted == "direct dev" else (),
        direct=wanted.startswith("direct"), hashes=(f"sha256:{sums}",) if sums else (),
    )  # fmt: skip


FORMAT = Format(name="pub", label="Dart pub", names=("pubspec.lock",), ecosystem=ECOSYSTEM, read=_read)
