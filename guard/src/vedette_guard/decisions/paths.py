"""Paths by prefixes of whole segments, and paths that could be read as others."""

from __future__ import annotations

from collections.abc import Iterable


class Prefixes:
    """Prefixes of paths; `path in prefixes` is two look-ups in C."""

    __slots__ = ("_exact", "_under", "texts")

    def __init__(self, prefixes: Iterable[str]) -> None:
        self.texts = tuple(sorted(prefixes, key=len, reverse=True))
        self._exact = frozenset(text.rstrip("/") or "/" for text in self.texts)
        self._under = tuple(text.rstrip("/") + "/" for text in self.texts)

    def __contains__(self, path: str) -> bool:
        return path in self._exact or path.startswith(self._under)

    def __bool__(self) -> bool:
        return bool(self.texts)

    def find(self, path: str) -> str:
        """Return the longest prefix a path lies under; empty when none."""
        return next((text for text in self.texts if path in Prefixes((text,))), "")


def plain(path: str) -> bool:
    """Tell whether a path can be read in one way only.

    One with `//`, `/../`, `/./`, a backslash or a NUL may be a different path for whoever stands behind: it is never
    exempt from anything.
    """
    return not ("//" in path or ("/." in path and _dotted(path)) or "\\" in path or "\0" in path)


def collapsed(path: str) -> str:
    """Return a path as whoever takes away slashes and dot segments reads it."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    return "/" + "/".join(kept)


def read_as(path: str) -> str:
    """Return how a path may be read: as it is where it is plain."""
    return path if plain(path) else collapsed(path)


def _dotted(path: str) -> bool:
    return any(segment in {".", ".."} for segment in path.split("/"))
