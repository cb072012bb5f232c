"""Can our code get at a package: does it import it, or something that needs it. A hint, never a reason to hide. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.instruments.scan import provenance
from vedette.instruments.scan.inventory import graphs
from vedette.instruments.scan.reaching import names
from vedette.wire.scan import Component


class Imported(msgspec.Struct, frozen=True):
    """What all source files of a tree import. `whole` says of each ecosystem whether all of its files were read."""

    modules: frozenset[str] = frozenset()
    packages: frozenset[str] = frozenset()
    whole: Mapping[str, bool] = {}


def reachable(imported: Imported, components: Sequence[Component]) -> Mapping[tuple[str, str], bool]:
    """Return whether packages can be got at; what cannot be told is left out.

    It is told of none that is not: while a file could not be read, or where nothing tells what a package comes by.
    """
    files: dict[tuple[str, str], list[Component]] = {}
    for each in components:
        if each.ecosystem in imported.whole:
            files.setdefault((each.ecosystem, provenance.file_of(each)), []).append(each)
    found: dict[tuple[str, str], bool] = {}
    for (ecosystem, _), held in files.items():
        for name, verdict in _of_file(imported, ecosystem, held).items():
            found[ecosystem, name] = verdict or found.get((ecosystem, name), False)
    return found


def _of_file(imported: Imported, ecosystem: str, held: Sequence[Component]) -> Mapping[str, bool]:
    ours = {each.name for each in held if _imports(imported, ecosystem, each.name)}
    reached = graphs.reach(ours, {each.name: each.requires for each in held})
    tells = imported.whole[ecosystem] and any(each.requires for each in held)
    sure = {each.name for each in held if tells or (imported.whole[ecosystem] and each.direct)}
    return {each.name: each.name in reached for each in held if each.name in reached or each.name in sure}


def _imports(imported: Imported, ecosystem: str, name: str) -> bool:
    if ecosystem == "npm":
        return name in imported.packages
    return not names.python_modules(name).isdisjoint(imported.modules)
