"""What a snapshot holds, as an engine lists it: counted, looked at for traps, and laid out folder by folder. Pure.

A path here is as `os` takes it, without its first slash.
"""

from collections.abc import Iterator

import msgspec

from vedette.core.names import read, written
from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Entry, Failure

_FILE, _FOLDER, _LINK, _OTHER = "file", "folder", "link", "other"


class Item(msgspec.Struct, frozen=True):
    """Something in a snapshot: its path, kind (file, folder, link, other), bytes, when it was changed."""

    path: str
    kind: str
    size: int
    at: float


class Wary:
    """Looks at every item that is about to be written: none may leave its folder, by its name or through a link before it."""

    def __init__(self) -> None:
        self._links: set[str] = set()

    def look(self, item: Item) -> None:
        """Raise DAMAGED for what would be written elsewhere."""
        parts = item.path.split("/")
        if any(part in {"", ".", ".."} for part in parts):
            raise _trap(item, "leads out of its folder")
        above = ""
        for part in parts[:-1]:
            above = f"{above}/{part}" if above else part
            if above in self._links:
                raise _trap(item, f"lies behind the link {written(above)}")
        if item.kind == _LINK:
            self._links.add(item.path)


class Tally:
    """Counts what is to come back: files, folders, links and bytes at or below some paths (none: all).

    Pipes, sockets and devices are not counted: they are not kept of what comes back (`counting.restored`).
    """

    def __init__(self, paths: tuple[str, ...] = ()) -> None:
        self.files = self.bytes = self.items = 0
        self._paths = tuple(inside(path) for path in paths)

    def wants(self, path: str) -> bool:
        """Tell whether a path is among those that are asked for."""
        return not self._paths or any(
            path == one or path.startswith(f"{one}/") or not one for one in self._paths
        )

    def add(self, item: Item) -> None:
        """Count an item where it is asked for."""
        if item.kind != _OTHER and self.wants(item.path):
            self.items += 1
            self.files += item.kind == _FILE
            self.bytes += item.size if item.kind == _FILE else 0


class Folder:
    """Gathers what lies directly below a folder (a written name; empty: the top); folders between are told once."""

    def __init__(self, below: str) -> None:
        self._below = inside(below)
        self._found: dict[str, Entry] = {}

    def add(self, item: Item) -> None:
        """Take an item of the snapshot."""
        head = f"{self._below}/" if self._below else ""
        if not item.path.startswith(head) or item.path == self._below:
            return
        name, _, deeper = item.path[len(head) :].partition("/")
        path = head + name
        if deeper:
            self._found.setdefault(path, Entry(written(f"/{path}"), _FOLDER, 0, item.at))
        else:
            self._found[path] = Entry(written(f"/{path}"), item.kind, item.size, item.at)

    def entries(self) -> Iterator[Entry]:
        """Yield them, in order of their names."""
        return (self._found[path] for path in sorted(self._found))


def inside(name: str) -> str:
    """Return a written name as a path within a snapshot."""
    return read(name).strip("/")


def _trap(item: Item, why: str) -> Failed:
    return Failed(
        Failure.DAMAGED,
        f"The repository holds {written(item.path)[:200]!r}, which {why}: nobody's backup has that, so nothing was restored.",
    )
