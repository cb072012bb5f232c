"""`package-lock.json` and `npm-shrinkwrap.json` of versions 1 to 3 (https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json)."""

from collections.abc import Iterable, Iterator, Mapping

from vedette.instruments.scan.inventory.shapes import jsons, node
from vedette.instruments.scan.inventory.shapes.jsons import table, word
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

_TREE = "node_modules/"
Lines = Mapping[str, int]


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    text = file.text()
    told, lines = jsons.read(text), jsons.lines(text)
    packages = jsons.held(told, "packages")
    if packages:
        yield from _by_path(file, packages, lines)
    elif "lockfileVersion" in told or "dependencies" in told:
        yield from _nested(file, jsons.held(told, "dependencies"), lines)
    else:
        raise Broken("It has neither packages nor dependencies.", 1)


def _by_path(file: Lockfile, packages: Mapping[str, object], lines: Lines) -> Iterator[Component | Unknown]:
    """Read versions 2 and 3: every folder of the tree, the project's own among them."""
    yield from _missing(file, packages, lines)
    asked = node.asked(value for path, value in packages.items() if _TREE not in path)
    for path, value in packages.items():
        package = table(value)
        if _TREE not in path or package.get("link") is True:
            continue
        name = word(package.get("name")) or path.rpartition(_TREE)[2]
        top = path.count(_TREE) == 1 and path.rpartition(_TREE)[2] in asked.names
        version, place = word(package.get("version")), (file, lines.get(path, 0))
        yield from node.components(place, name, version, package, groups=_groups(package), direct=top)


def _missing(file: Lockfile, packages: Mapping[str, object], lines: Lines) -> Iterator[Unknown]:
    """Tell what the project and its workspaces ask for though no folder of the tree holds it."""
    for path, value in packages.items():
        names = node.must(value) if _TREE not in path else ()
        for name in names:
            if not any(f"{folder}{_TREE}{name}" in packages for folder in _above(path)):
                yield node.outdated(file, lines.get(path, 0), name)


def _above(path: str) -> Iterator[str]:
    """Return the folders in which node looks for a package, as prefixes: its own and those above."""
    while path:
        yield f"{path}/"
        path = path.rpartition("/")[0]
    yield ""


def _nested(
    file: Lockfile, dependencies: Mapping[str, object], lines: Lines
) -> Iterator[Component | Unknown]:
    """Read version 1: what a package has for itself stands within it, and what is asked for in `package.json` alone."""
    manifest = node.manifest_beside(file)
    asked = None if manifest is None else node.asked([manifest])
    yield from (node.outdated(file, 0, name) for name in node.must(manifest) if name not in dependencies)
    left = [(name, value, True) for name, value in dependencies.items()]
    while left:
        name, value, top = left.pop()
        package = table(value)
        left += [(inner, each, False) for inner, each in table(package.get("dependencies")).items()]
        yield from _of_first(
            file, name, package, lines, None if asked is None else top and name in asked.names
        )


def _of_first(
    file: Lockfile, name: str, package: Mapping[str, object], lines: Lines, direct: bool | None
) -> Iterable[Component | Unknown]:
    real, version = name, word(package.get("version"))
    if version.startswith("npm:"):
        real, version = node.split(version.removeprefix("npm:"))
    needed = {**package, "dependencies": package.get("requires")}
    place = (file, lines.get(name, 0))
    return node.components(place, real, version, needed, groups=_groups(package), direct=direct)


def _groups(package: Mapping[str, object]) -> tuple[str, ...]:
    return ("dev",) if package.get("dev") is True or package.get("devOptional") is True else ()


FORMAT = Format(
    name="npm",
    label="npm",
    names=("package-lock.json", "npm-shrinkwrap.json"),
    ecosystem=node.ECOSYSTEM,
    read=_read,
)
