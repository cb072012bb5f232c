"""`uv.lock` (https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile)."""

from collections.abc import Iterable, Mapping, Sequence

from vedette.instruments.scan.inventory import graphs, telling
from vedette.instruments.scan.inventory.naming import component, normal
from vedette.instruments.scan.inventory.shapes import python
from vedette.instruments.scan.inventory.shapes.jsons import rows, table, word
from vedette.instruments.scan.inventory.shapes.packages import packages
from vedette.instruments.scan.inventory.types import Format, Lockfile
from vedette.wire.scan import Component, Unknown

_OWN = ("virtual", "editable", "directory")
Package = Mapping[str, object]


def _read(file: Lockfile) -> Iterable[Component | Unknown]:
    found = list(packages(file.text()))
    own = [each for each, _ in found if _is_own(each)]
    edges = {_name(each): _wanted(each) for each, _ in found}
    direct = frozenset(name for each in own for name in (*_wanted(each), *_of_groups(each)))
    groups = graphs.groups([n for each in own for n in _wanted(each)], _groups(own), edges)
    for package, line in found:
        if not _is_own(package):
            yield _component(file, package, line, direct if own else None, groups)


def _component(
    file: Lockfile,
    package: Package,
    line: int,
    direct: frozenset[str] | None,
    groups: Mapping[str, tuple[str, ...]],
) -> Component | Unknown:
    name, version = _name(package), word(package.get("version"))
    if not version:
        return telling.unpinned(file, line, name, "Run `uv lock` again.")
    files = [package.get("sdist"), *rows(package.get("wheels"))]
    return component(
        python.ECOSYSTEM, name, version, file.at(line), groups=groups.get(name, ()), requires=_wanted(package),
        direct=None if direct is None else name in direct, hashes=python.hashes(files),
    )  # fmt: skip


def _name(package: Package) -> str:
    return normal(python.ECOSYSTEM, word(package.get("name")))


def _is_own(package: Package) -> bool:
    return any(kind in table(package.get("source")) for kind in _OWN)


def _wanted(package: Package) -> tuple[str, ...]:
    extras = [each for extra in table(package.get("optional-dependencies")).values() for each in rows(extra)]
    return _names([*rows(package.get("dependencies")), *extras])


def _of_groups(package: Package) -> tuple[str, ...]:
    return _names([each for group in table(package.get("dev-dependencies")).values() for each in rows(group)])


def _groups(own: Sequence[Package]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in own:
        for group, wanted in table(each.get("dev-dependencies")).items():
            found[group] = (*found.get(group, ()), *_names(rows(wanted)))
    return found


def _names(wanted: Sequence[object]) -> tuple[str, ...]:
    return tuple(normal(python.ECOSYSTEM, word(table(each).get("name"))) for each in wanted)


FORMAT = Format(name="uv", label="uv", names=("uv.lock",), ecosystem=python.ECOSYSTEM, read=_read)
