"""Moves what was restored to its place, never through a link that stands there already."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Failure


def move(root: Path, target: Path) -> None:
    """Move all below a root to a target folder: folders are joined, all else is replaced.

    Raises `Failed(REFUSED)` before anything is moved where a link stands in the place of a folder: it leads somewhere else.
    """
    link = next(_links(root, target), None)
    if link is not None:
        raise Failed(Failure.REFUSED, f"{link} is a link now, and was a folder: restore to another place.")
    target.mkdir(parents=True, exist_ok=True)
    _move(root, target)


def _links(root: Path, target: Path) -> Iterator[Path]:
    for path in root.iterdir():
        place = target / path.name
        if _is_folder(path):
            if place.is_symlink():
                yield place
            elif place.is_dir():
                yield from _links(path, place)


def _move(root: Path, target: Path) -> None:
    for path in list(root.iterdir()):
        place = target / path.name
        if _is_folder(path) and _is_folder(place):
            _move(path, place)
        else:
            _clear(place)
            shutil.move(path, place)


def _clear(place: Path) -> None:
    if _is_folder(place):
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()
