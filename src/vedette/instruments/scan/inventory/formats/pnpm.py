"""`pnpm-lock.yaml` of versions 5, 6 and 9 (https://github.com/pnpm/spec/tree/master/lockfile)."""

from collections.abc import Iterator, Mapping

from vedette.instruments.scan.inventory import graphs
from vedette.instruments.scan.inventory.shapes import jsons, node, yamls
from vedette.instruments.scan.inventory.shapes.jsons import table, word
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

_KNOWN = ("5", "6", "7", "9")


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    told = yamls.read(file.text())
    version = word(told.get("lockfileVersion"))
    if version.partition(".")[0] not in _KNOWN:
        raise Broken(f"Version {version[:20] or '?'} of this file is not known; those of 5, 6 and 9 are.", 1)
    asked = node.asked([told, *table(told.get("importers")).values()])
    packages, snapshots = jsons.held(told, "packages"), jsons.held(told, "snapshots")
    yield from _missing(file, told, packages)
    groups, lines = _groups(asked, snapshots), yamls.lines(packages)
    for key, value in packages.items():
        package = table(value)
        name, version = _named(key, package)
        wanted = ("dev",) if word(package.get("dev")) == "true" else groups.get(name, ())
        held = _held(package, table(snapshots.get(key)))
        place = (file, lines.get(key, 0))
        yield from node.components(place, name, version, held, groups=wanted, direct=name in asked.names)


def _missing(file: Lockfile, told: Mapping[str, object], packages: Mapping[str, object]) -> Iterator[Unknown]:
    """Tell what an importer asks for though no package is of that name."""
    names = {_split(key)[0] for key in packages} | {
        _named(key, table(each))[0] for key, each in packages.items()
    }
    for importer in (told, *table(told.get("importers")).values()):
        held = {
            name: _version(each)
            for kind in ("dependencies", node.DEV)
            for name, each in table(table(importer).get(kind)).items()
        }
        for name, version in held.items():
            own = version.startswith(node.OWN) or _split(version)[0] in names
            if not own and name not in names:
                yield node.outdated(file, 1, name)


def _version(told: object) -> str:
    """Return the version an importer holds, or its specifier where it holds none."""
    row = table(told)
    return (word(row.get("version")) or word(row.get("specifier"))) if row else word(told)


def _named(key: str, package: Mapping[str, object]) -> tuple[str, str]:
    """Return name and version: of what comes from elsewhere than the registry, the package itself tells."""
    name, version = _split(key)
    return word(package.get("name")) or name, word(package.get("version")) or version


def _held(package: Mapping[str, object], snapshot: Mapping[str, object]) -> Mapping[str, object]:
    """Return what a package needs, which version 9 tells apart, and its hash."""
    needed = package if node.needs(package) else snapshot
    return {**needed, "integrity": table(package.get("resolution")).get("integrity")}


def _split(key: str) -> tuple[str, str]:
    """Return name and version of `/a/1.0.0_peer` (5), `/a@1.0.0(peer@2.0.0)` (6) or `a@1.0.0` (9)."""
    key = key.removeprefix("/").partition("(")[0]
    if "@" in key[1:]:
        return node.split(key)
    name, _, version = key.rpartition("/")
    return name, version.partition("_")[0]


def _groups(asked: node.Asked, snapshots: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
    """Return which names only development wants; version 9 tells it by its edges alone."""
    edges: dict[str, tuple[str, ...]] = {}
    for key, value in snapshots.items():
        name = _split(key)[0]
        edges[name] = (*edges.get(name, ()), *node.needs(table(value)))
    return graphs.groups(asked.main, {"dev": asked.dev}, edges)


FORMAT = Format(name="pnpm", label="pnpm", names=("pnpm-lock.yaml",), ecosystem=node.ECOSYSTEM, read=_read)
