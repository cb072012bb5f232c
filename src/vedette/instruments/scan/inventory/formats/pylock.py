"""`pylock.toml` (https://packaging.python.org/en/latest/specifications/pylock-toml/)."""

from collections.abc import Iterable, Iterator, Mapping

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes import python
from vedette.instruments.scan.inventory.shapes.jsons import rows, table, word
from vedette.instruments.scan.inventory.shapes.packages import packages
from vedette.instruments.scan.inventory.types import Format, Lockfile
from vedette.wire.scan import Component, Unknown

_FIX = "A directory or a commit has no version; have the tool that locks take it from an index."


def _read(file: Lockfile) -> Iterable[Component | Unknown]:
    found = (_component(file, package, line) for package, line in packages(file.text(), "packages"))
    return [each for each in found if each is not None]


def _component(file: Lockfile, package: Mapping[str, object], line: int) -> Component | Unknown | None:
    name, version = word(package.get("name")), word(package.get("version"))
    if not version:
        own = bool(table(package.get("directory")))
        return None if own else telling.unpinned(file, line, name, _FIX)
    wanted = tuple(word(table(each).get("name")) for each in rows(package.get("dependencies")))
    return component(
        python.ECOSYSTEM, name, version, file.at(line), requires=wanted, hashes=tuple(_hashes(package))
    )


def _hashes(package: Mapping[str, object]) -> Iterator[str]:
    for each in (package.get("sdist"), package.get("archive"), *rows(package.get("wheels"))):
        for kind, value in table(table(each).get("hashes")).items():
            yield f"{kind}:{value}"


FORMAT = Format(
    name="pylock",
    label="pylock.toml",
    names=("pylock.toml", "pylock.*.toml"),
    ecosystem=python.ECOSYSTEM,
    read=_read,
)
