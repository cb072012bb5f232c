"""What lies below a folder, counted on the disk: the other half of what a listing promises."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from vedette.instruments.backup.listing import Tally
from vedette.instruments.backup.types import Failed, Restored
from vedette.wire.backup import Failure


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder; whoever vanishes meanwhile counts nothing."""
    return sum(found.st_size for _, found in _found(folder) if stat.S_ISREG(found.st_mode))


def restored(into: Path, wanted: Tally, output: str) -> Restored:
    """Return what came back; raises NOT_PROVEN where less is there than the snapshot holds.

    Pipes, sockets and devices are removed: who reads one waits for ever, or reads a disk.
    """
    files = size = items = 0
    for path, found in _found(into):
        regular = stat.S_ISREG(found.st_mode)
        if not (regular or stat.S_ISDIR(found.st_mode) or stat.S_ISLNK(found.st_mode)):
            path.unlink()
            continue
        items, files, size = items + 1, files + regular, size + (found.st_size if regular else 0)
    if files < wanted.files or size < wanted.bytes or items < wanted.items:
        raise Failed(
            Failure.NOT_PROVEN,
            f"{files} of {wanted.files} files and {size} of {wanted.bytes} bytes came back.",
            output,
        )
    return Restored(root=into, files=files, bytes=size, output=output)


def holds(folder: Path, counts: Callable[[str], bool] = bool) -> bool:
    """Tell whether any name in a folder counts; the others are not remembered. Raises `OSError` where it is no folder."""
    with os.scandir(folder) as entries:
        return any(counts(entry.name) for entry in entries)


def folders(top: Path) -> Iterator[Path]:
    """Yield a folder and all below it; those that vanish meanwhile or may not be looked into are left out."""
    yield top
    for path, found in _found(top):
        if stat.S_ISDIR(found.st_mode):
            yield path


def clear_links(folder: Path) -> None:
    """Remove links, pipes and the like below a folder, which an interrupted restore left: nobody may write through them.

    Files of several names go, too: one of them would be written through the other, and restic 0.14 loses a name that is there.
    """
    waiting = [os.fspath(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif (
                    not entry.is_file(follow_symlinks=False) or entry.stat(follow_symlinks=False).st_nlink > 1
                ):
                    Path(entry.path).unlink()


def _found(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    waiting = [os.fspath(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    yield Path(entry.path), entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
