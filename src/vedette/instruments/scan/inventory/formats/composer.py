"""`composer.lock` (https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control)."""

from collections.abc import Iterator, Mapping

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component, normal
from vedette.instruments.scan.inventory.shapes import jsons
from vedette.instruments.scan.inventory.shapes.jsons import table, word
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

ECOSYSTEM = "Packagist"


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    text = file.text()
    told, asked = jsons.read(text), _asked(file)
    if "packages" not in told:
        raise Broken("It lists no packages.", 1)
    lines = _lines(text)
    for key, groups in (("packages", ()), ("packages-dev", ("dev",))):
        for each in jsons.listed(told, key):
            yield _component(file, table(each), groups, asked, lines)


def _component(
    file: Lockfile,
    package: Mapping[str, object],
    groups: tuple[str, ...],
    asked: frozenset[str] | None,
    lines: Mapping[str, int],
) -> Component | Unknown:
    name, version = word(package.get("name")), word(package.get("version")).removeprefix("v")
    line = lines.get(name, 0)
    if not version or version.startswith("dev-") or version.endswith("-dev"):
        return telling.unpinned(
            file, line, f"{name} ({version or 'no version'})", "Require a release instead of a branch."
        )
    needs = tuple(each for each in table(package.get("require")) if "/" in each)
    direct = None if asked is None else normal(ECOSYSTEM, name) in asked
    return component(ECOSYSTEM, name, version, file.at(line), groups=groups, direct=direct, requires=needs)


def _lines(text: str) -> Mapping[str, int]:
    """Return the line on which each package tells its name, which is the first of what is said of it."""
    found: dict[str, int] = {}
    for n, line in enumerate(text.splitlines(), 1):
        if line.strip().startswith('"name": "'):
            found.setdefault(line.split('"')[3], n)
    return found


def _asked(file: Lockfile) -> frozenset[str] | None:
    beside = file.beside("composer.json")
    try:
        told = {} if beside is None else jsons.read(beside.text())
    except Broken:
        return None
    names = (*table(told.get("require")), *table(told.get("require-dev")))
    return frozenset(normal(ECOSYSTEM, name) for name in names) if told else None


FORMAT = Format(name="composer", label="Composer", names=("composer.lock",), ecosystem=ECOSYSTEM, read=_read)
