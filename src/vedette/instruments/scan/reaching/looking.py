"""Reads the source files of a tree for what they import; bounded, and it says when that was not all."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from vedette.instruments.scan.inventory import opening, telling
from vedette.instruments.scan.inventory.types import Broken
from vedette.instruments.scan.inventory.walking import SKIPPED
from vedette.instruments.scan.reaching import imports, names
from vedette.instruments.scan.reaching.judging import Imported
from vedette.instruments.scan.types import Progress, silent
from vedette.wire.scan import Component

_PYTHON = frozenset({".py", ".pyi", ".pyx"})
_NODE = frozenset({".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte", ".astro"})
_MOST_FILES, _MOST_BYTES, _LARGEST = 50_000, 256 << 20, 2 << 20


def imported(root: Path, components: Iterable[Component], progress: Progress = silent) -> Imported:
    """Return what of these components the source files below a folder import.

    Nothing is run; trees of installed packages are not looked at.
    """
    wanted = (names.python_modules(each.name) for each in components if each.ecosystem == "PyPI")
    look = _Look(root, frozenset().union(*wanted))
    for path in _sources(root):
        progress(f"imports: {telling.printable(path)}", None)
        look.take(path)
    return look.told()


class _Look:
    def __init__(self, root: Path, wanted: frozenset[str]) -> None:
        self._opener, self._wanted = opening.below(root), wanted
        self._modules, self._packages = set[str](), set[str]()
        self._whole = {"PyPI": True, "npm": True}
        self._files, self._bytes = _MOST_FILES, _MOST_BYTES

    def take(self, path: str) -> None:
        ecosystem = "PyPI" if Path(path).suffix in _PYTHON else "npm"
        try:
            text = self._text(path)
            if ecosystem == "PyPI":
                self._python(text)
            else:
                self._packages |= {names.node_package(each) for each in imports.node(text)}
        except (Broken, ValueError):
            self._whole[ecosystem] = False

    def _python(self, text: str) -> None:
        """Take a file apart only where it may import what is wanted, and no file before it did."""
        if (imports.perhaps(text) & self._wanted) - self._modules:
            self._modules |= imports.python(text)

    def told(self) -> Imported:
        return Imported(frozenset(self._modules), frozenset(self._packages), dict(self._whole))

    def _text(self, path: str) -> str:
        self._files -= 1
        body = self._opener(path) if self._files >= 0 and self._bytes > 0 else None
        if body is None or len(body) > _LARGEST:
            raise Broken("It is too much.")
        self._bytes -= len(body)
        return body.decode()


def _sources(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(each for each in folders if each.lower() not in SKIPPED)
        for name in files:
            if Path(name).suffix in _PYTHON | _NODE:
                yield os.path.relpath(Path(folder, name), root)
