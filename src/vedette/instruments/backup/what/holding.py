"""Who has a file open: what is put in its place would be written over, or lost, by them (proc(5))."""

import os
from pathlib import Path

MOST = 5


def holders(path: Path) -> tuple[str, ...]:
    """Return the processes (number and name) that have a file open, the first few; of others' processes only root is told."""
    try:
        wanted = path.stat()
    except OSError:
        return ()
    found: list[str] = []
    for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda one: int(one.name)):
        if len(found) < MOST and _holds(process / "fd", (wanted.st_dev, wanted.st_ino)):
            found.append(f"{process.name} ({_name(process)})")
    return tuple(found)


def _holds(descriptors: Path, wanted: tuple[int, int]) -> bool:
    try:
        names = os.listdir(descriptors)  # noqa: PTH208 - thousands of them
    except OSError:
        return False
    return any(_file(f"{descriptors}/{name}") == wanted for name in names)


def _file(descriptor: str) -> tuple[int, int]:
    try:
        found = os.stat(descriptor)  # noqa: PTH116
    except OSError:
        return (0, 0)
    return found.st_dev, found.st_ino


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return "it ended"
