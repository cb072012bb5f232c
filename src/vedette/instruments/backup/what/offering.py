"""What a host has that should be saved, found below a root folder: bounded looks at names and sizes, nothing is opened."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from vedette.core import names
from vedette.instruments.backup.what.walking import Walk
from vedette.wire.backup import Proposal, What

MOST_COUNTED = 20_000  # files of a folder; of a larger one it is said that it has more
_DEEP, _MOST_SEEN, _MOST_FOUND = 5, 50_000, 50
_FOLDERS = (
    ("etc", "how the host is set up"), ("srv", "what is served"), ("var/www", "what is served"), ("opt", "applications"),
    ("home", "what people keep"), ("root", "what root keeps"), ("usr/local", "what was installed by hand"),
    ("var/spool/cron", "crontabs"), ("var/mail", "mail"), ("var/vmail", "mail"),
)  # fmt: skip
USELESS = ("node_modules", "__pycache__", ".cache", ".venv", "*.pyc", "lost+found", ".vedette-*.part")


def folders(root: Path) -> tuple[Proposal, ...]:
    """Propose the folders that hold what people made, on the host whose files lie below a root."""
    found = []
    for below, why in _FOLDERS:
        folder = root / below
        if not folder.is_dir() or folder.is_symlink():
            continue
        count, size, more = measured(folder)
        if count:
            what = What(
                kind="paths",
                name=below.replace("/", "-"),
                settings={"paths": [f"/{below}"], "excludes": list(USELESS)},
            )
            found.append(
                Proposal(
                    what=what, sentence=f"/{below}: {why}, {spoken(count, size, more=more)}.", bytes=size
                )
            )
    return tuple(found)


def measured(folder: Path) -> tuple[int, int, bool]:
    """Return how many files with how many bytes a folder has, and whether it has more than were counted."""
    count = size = 0
    useless = set(USELESS)
    walk = Walk(leaves_out=lambda path: os.path.basename(path) in useless, one_file_system=True)  # noqa: PTH119
    for seen in walk.below(str(folder)):
        if seen.stat is None or not seen.stat.st_nlink or (seen.stat.st_mode & 0o170000) != 0o100000:
            continue
        count, size = count + 1, size + seen.stat.st_size
        if count >= MOST_COUNTED:
            return count, size, True
    return count, size, False


def files(root: Path, tops: Iterable[str], endings: tuple[str, ...]) -> Iterator[Path]:
    """Yield files with some endings not too deep below some folders of a host; what grows again by itself is passed over."""
    seen = 0
    for top in tops:
        base = root / top
        for path, inner, found in os.walk(base):
            deep = len(Path(path).relative_to(base).parts)
            inner[:] = [] if deep >= _DEEP else sorted(name for name in inner if name not in USELESS)
            seen += len(found)
            yield from (Path(path, name) for name in sorted(found) if name.endswith(endings))
            if seen > _MOST_SEEN:
                return


def on_host(path: Path, root: Path) -> str:
    """Return the written name that a path below the root has on the host itself."""
    return names.written(Path("/") / path.relative_to(root))


def spoken(count: int, size: int, *, more: bool = False) -> str:
    """Return a count of files and their bytes for a person."""
    return f"{'more than ' if more else ''}{count} {'file' if count == 1 else 'files'}, {amount(size)}"


def amount(size: int) -> str:
    """Return bytes for a person."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"
