"""Which scanners there are: every folder beside this file that holds a `scanner.py` with a `SCANNER`."""

import ast
import difflib
import functools
import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from vedette.core.errors import Invalid
from vedette.instruments import scan
from vedette.instruments.scan.types import Scanner


@functools.cache
def scanners() -> Mapping[str, Scanner]:
    """Return the scanners by kind, in order."""
    return MappingProxyType({kind: load(kind) for kind in kinds()})


def kinds() -> tuple[str, ...]:
    """Return the kinds of scanners, in order, without loading one."""
    return tuple(_files())


def first_line(kind: str) -> str:
    """Return the first line of a scanner's module, which tells of it in a list without loading it."""
    return (ast.get_docstring(ast.parse(_files()[kind].read_bytes())) or "").partition("\n")[0]


@functools.cache
def _files() -> Mapping[str, Path]:
    """Return the file of each scanner by kind."""
    folders = [Path(path) for path in scan.__path__]
    names = sorted(module.name for module in pkgutil.iter_modules(scan.__path__) if module.ispkg)
    found = [(name, folder / name / "scanner.py") for name in names for folder in folders]
    return MappingProxyType({name: path for name, path in found if path.exists()})


def scanner_of(kind: str) -> Scanner:
    """Return a scanner; raises `Invalid` with those there are."""
    found = scanners().get(kind)
    if found is not None:
        return found
    near = difflib.get_close_matches(kind, scanners(), 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(scanners())}."
    raise Invalid(f"{kind[:60]!r} is no scanner; {hint}", {"scanner": "unknown"})


def load(kind: str) -> Scanner:
    """Return the scanner of a folder, loading it alone."""
    found: Scanner = importlib.import_module(f"{scan.__name__}.{kind}.scanner").SCANNER
    return found
