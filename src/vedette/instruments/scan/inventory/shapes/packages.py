"""The tables of a TOML lock file, each with the line on which it begins. Pure."""

from collections.abc import Iterator, Mapping

from vedette.instruments.scan.inventory.shapes import tomls
from vedette.instruments.scan.inventory.shapes.jsons import listed, table
from vedette.instruments.scan.inventory.types import Broken

_HEADS = frozenset({"version", "metadata", "lock-version"})  # what a lock file of nothing says


def packages(text: str, key: str = "package") -> Iterator[tuple[Mapping[str, object], int]]:
    """Return the tables of a list and their lines, 0 where those cannot be told; raises `Broken`."""
    told = tomls.read(text)
    if not {key, *_HEADS} & told.keys():
        raise Broken("It is no lock file: it lists no packages.", 1)
    found = [table(each) for each in listed(told, key)]
    lines = tomls.headings(text, f"[[{key}]]")
    return iter(zip(found, lines if len(lines) == len(found) else [0] * len(found), strict=True))
