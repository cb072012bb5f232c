"""What a lock file has fetched, by its address at a registry: the archive counts, whatever name stands beside it. Pure.

A registry of npm serves archives under `<name>/-/<last part of the name>-<version>.tgz`; an address of another form tells
nothing, and is not judged here.
"""

from collections.abc import Mapping

from vedette.instruments.scan.inventory.purls import decoded

LABEL = "locked_as"
"""The label of a component that a lock file lists under another name or version than it fetches."""

_MIDDLE, _END = "/-/", ".tgz"


def of_npm(address: str) -> tuple[str, str] | None:
    """Return name and version of the archive at an address, None where its form does not tell them."""
    path, _, file = address.partition("?")[0].partition("#")[0].rpartition(_MIDDLE)
    name = _name(decoded(path))
    last = name.rpartition("/")[2]
    file = decoded(file).rpartition("/")[2]
    if not name or not file.startswith(f"{last}-") or not file.endswith(_END):
        return None
    version = file[len(last) + 1 : -len(_END)]
    return (name, version) if version[:1].isdigit() else None


def actual(name: str, version: str, address: str) -> tuple[str, str, Mapping[str, str]]:
    """Return name and version of what is fetched, and labels that tell where a lock file calls it something else."""
    told = of_npm(address)
    if told is None or told == (name, version.partition("+")[0]):
        return name, version, {}
    return *told, {LABEL: f"{name} {version}"}


def _name(path: str) -> str:
    """Return the last part of a path, with the scope before it."""
    rest, _, last = path.rpartition("/")
    scope = rest.rpartition("/")[2]
    return f"{scope}/{last}" if scope.startswith("@") else last
