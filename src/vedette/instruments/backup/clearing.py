"""Removes folders of ours with whatever a repository put into them: a million files, a thousand folders in one another.

`shutil.rmtree` lists a folder whole before it removes anything, and calls itself for each folder within.
"""

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def clear(folder: Path) -> None:
    """Remove a folder and all below it, if it is there; links are not followed, and what the system refuses to remove stays."""
    with contextlib.suppress(OSError), _opened(folder) as top:
        names = (f".vedette-cleared-{number}" for number in itertools.count())
        while _pass(top, names):
            pass
    with contextlib.suppress(OSError):
        folder.rmdir()


def _pass(top: int, names: Iterator[str]) -> bool:
    """Remove what lies in a folder, and bring what lies in its folders up into it; tell whether any of it went or moved."""
    moved = False
    with os.scandir(top) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                moved |= _remove(entry, top, names)
    return moved


def _remove(entry: "os.DirEntry[str]", top: int, names: Iterator[str]) -> bool:
    """Remove a file, or an empty folder; of another one the files are removed and the folders are brought up."""
    if not entry.is_dir(follow_symlinks=False):
        os.unlink(entry.name, dir_fd=top)
        return True
    moved = False
    with _opened(entry.name, top) as inside, os.scandir(inside) as entries:
        for inner in entries:
            with contextlib.suppress(OSError):
                moved |= _lift(inner, inside, top, names)
    with contextlib.suppress(OSError):
        os.rmdir(entry.name, dir_fd=top)
        moved = True
    return moved


def _lift(entry: "os.DirEntry[str]", inside: int, top: int, names: Iterator[str]) -> bool:
    if entry.is_dir(follow_symlinks=False):
        os.rename(entry.name, next(names), src_dir_fd=inside, dst_dir_fd=top)
    else:
        os.unlink(entry.name, dir_fd=inside)
    return True


@contextlib.contextmanager
def _opened(name: str | Path, folder: int | None = None) -> Iterator[int]:
    handle = os.open(name, _FOLDER, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)
