"""What Python's lock files have in common: names that requirements begin with, and what a project asks for by name. Pure."""

import re
from collections.abc import Iterable, Mapping

from vedette.instruments.scan.inventory.naming import normal
from vedette.instruments.scan.inventory.shapes import tomls
from vedette.instruments.scan.inventory.shapes.jsons import rows, table, words
from vedette.instruments.scan.inventory.types import Broken, Lockfile

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]{0,200}[A-Za-z0-9])?)")
ECOSYSTEM = "PyPI"


def name_of(requirement: str) -> str:
    """Return the normal name a requirement begins with (PEP 508), empty where it has none."""
    found = _NAME.match(requirement)
    return normal(ECOSYSTEM, found[1]) if found else ""


def names_of(requirements: Iterable[str]) -> tuple[str, ...]:
    """Return the normal names of requirements."""
    return tuple(filter(None, map(name_of, requirements)))


def asked_for(file: Lockfile) -> frozenset[str] | None:
    """Return what the `pyproject.toml` beside a lock file asks for by name, None where that cannot be told."""
    beside = file.beside("pyproject.toml")
    try:
        return None if beside is None else frozenset(_asked(tomls.read(beside.text())))
    except Broken:
        return None


def hashes(files: object) -> tuple[str, ...]:
    """Return the hashes of a list of files (`hash = "sha256:…"`)."""
    found = (table(each).get("hash") for each in rows(files))
    return tuple(each for each in found if isinstance(each, str))


def _asked(project: Mapping[str, object]) -> Iterable[str]:
    told, tools = table(project.get("project")), table(project.get("tool"))
    yield from names_of(words(told.get("dependencies")))
    for extra in table(told.get("optional-dependencies")).values():
        yield from names_of(words(extra))
    for group in table(project.get("dependency-groups")).values():
        yield from names_of(words(group))
    poetry = table(tools.get("poetry"))
    groups = [poetry, *map(table, table(poetry.get("group")).values())]
    for each in groups:
        yield from names_of(table(each.get("dependencies")))
    yield from names_of(table(poetry.get("dev-dependencies")))
