"""Which files a path or pattern names now, and in which folders that is decided."""

import glob
import os
from collections.abc import Iterator
from pathlib import Path

from vedette.instruments.logs.sources.rotated import looks_rotated

MOST_FILES = 1_000  # of one pattern
_MOST_LINKS = 40


def is_pattern(path: str) -> bool:
    """Tell whether a path has wildcards."""
    return glob.has_magic(path)


def matches(pattern: str) -> list[Path]:
    """Return the files that a pattern names, without what looks rotated, the newest 1,000."""
    if not is_pattern(pattern):
        return [Path(pattern)]
    found = [Path(name) for name in glob.glob(pattern) if not looks_rotated(Path(name).name)]  # noqa: PTH207 - a whole path
    if len(found) > MOST_FILES:
        found.sort(key=_modified, reverse=True)
    return sorted(found[:MOST_FILES])


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def folders(pattern: str) -> set[str]:
    """Return the folders in which a change may change what a path or pattern names."""
    parts = Path(pattern).parts
    places: set[str] = set()
    for place in range(1, len(parts)):
        if is_pattern(parts[place]):
            places.update(glob.glob(str(Path(*parts[:place]))))  # noqa: PTH207 - a whole path
    fixed = [str(path) for path in matches(pattern)]
    return {folder for folder in places if Path(folder).is_dir()}.union(*(deciding(path) for path in fixed))


def deciding(path: str) -> set[str]:
    """Return the folders of a path that decide what it leads to: of links on the way, of its end, of the first part that is missing."""
    return set(_walk(path))


def _walk(path: str) -> Iterator[str]:
    todo, here, links = list(Path(path).parts[1:]), "/", 0
    while todo:
        part = todo.pop(0)
        if part == "..":
            here = str(Path(here).parent)
            continue
        child = os.path.join(here, part)  # noqa: PTH118 - on the way of every event
        if os.path.islink(child) and links < _MOST_LINKS:  # noqa: PTH114
            yield here
            links += 1
            try:
                target = Path(os.readlink(child))  # noqa: PTH115
            except OSError:  # it went meanwhile
                return
            todo = [*(target.parts[1:] if target.is_absolute() else target.parts), *todo]
            here = "/" if target.is_absolute() else here
        elif todo and os.path.isdir(child):  # noqa: PTH112
            here = child
        else:
            yield here
            return
