"""What lock files of Node's package managers have in common. Pure."""

from collections.abc import Iterable, Mapping

import msgspec

from vedette.instruments.scan.inventory import fetched, telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes import jsons
from vedette.instruments.scan.inventory.shapes.jsons import table, word
from vedette.instruments.scan.inventory.types import Broken, Lockfile
from vedette.wire.scan import Component, Unknown

ECOSYSTEM = "npm"
MAIN = ("dependencies", "optionalDependencies", "peerDependencies")
DEV = "devDependencies"
OWN = ("file:", "link:", "workspace:", "portal:")
_FIX = "Take it from the registry, in a version."


class Asked(msgspec.Struct, frozen=True):
    """What somebody asks for by name: to run, and to develop."""

    main: frozenset[str] = frozenset()
    dev: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """Return both."""
        return self.main | self.dev


def asked(manifests: Iterable[object]) -> Asked:
    """Return what manifests ask for (`package.json`, or what a lock file repeats of it)."""
    told = [table(each) for each in manifests]
    main = frozenset(name for each in told for kind in MAIN for name in table(each.get(kind)))
    return Asked(main, frozenset(name for each in told for name in table(each.get(DEV))) - main)


def must(manifest: object) -> tuple[str, ...]:
    """Return what a manifest asks for and a lock file therefore lists: no peers, nothing that may be missing."""
    told = table(manifest)
    may = table(told.get("optionalDependencies"))
    return tuple(n for kind in ("dependencies", DEV) for n in table(told.get(kind)) if n not in may)


def outdated(file: Lockfile, line: int, name: str) -> Unknown:
    """Return that a lock file lists no version of what is asked for."""
    return Unknown(
        subject=file.at(line),
        why=telling.printable(
            f"It asks for {name[:200]} and lists no version of it: the lock file is out of date."
        ),
        fix="Write the lock file anew with the tool that made it.",
    )


def asked_beside(file: Lockfile) -> Asked | None:
    """Return what the `package.json` beside a lock file asks for, None where that cannot be told."""
    manifest = manifest_beside(file)
    return None if manifest is None else asked([manifest])


def manifest_beside(file: Lockfile) -> Mapping[str, object] | None:
    """Return the `package.json` beside a lock file, None where there is none that can be read."""
    beside = file.beside("package.json")
    try:
        return None if beside is None else jsons.read(beside.text())
    except Broken:
        return None


def needs(package: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names a package needs."""
    return tuple(
        name for kind in ("dependencies", "optionalDependencies") for name in table(package.get(kind))
    )


def split(told: str) -> tuple[str, str]:
    """Return name and version of `name@version`; a name may begin with `@`."""
    at = told.find("@", 1)
    return (told, "") if at < 0 else (told[:at], told[at + 1 :])


def integrity(package: Mapping[str, object]) -> tuple[str, ...]:
    """Return the hashes a package is held to."""
    return tuple(word(package.get("integrity")).split())


def is_version(text: str) -> bool:
    """Tell whether a text is a version and no address, tag or range."""
    return text[:1].isdigit() and "/" not in text and ":" not in text


def components(
    place: tuple[Lockfile, int], name: str, version: str, package: Mapping[str, object], *,
    groups: tuple[str, ...] = (), direct: bool | None = None,
) -> Iterable[Component | Unknown]:  # fmt: skip
    """Return a component by the file and line of its place, or that it has no version; nothing for a folder of our own.

    It is the one whose archive the lock file fetches (`resolved`), whatever name stands there.
    """
    file, line = place
    if version.startswith(OWN):
        return []
    if not is_version(version):
        return [telling.unpinned(file, line, f"{name} ({version or 'no version'})", _FIX)]
    name, version, labels = fetched.actual(name, version, word(package.get("resolved")))
    made = component(
        ECOSYSTEM, name, version, file.at(line), groups=groups, direct=direct, requires=needs(package),
        hashes=integrity(package),
    )  # fmt: skip
    return [msgspec.structs.replace(made, labels=labels)] if labels else [made]
