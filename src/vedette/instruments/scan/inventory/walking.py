"""Which files of a tree name versions, and which folders ask for packages that no file names versions of. Links are not followed."""

import fnmatch
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from vedette.instruments.scan.inventory import manifests, opening, registry, telling, unread
from vedette.instruments.scan.inventory.types import Format
from vedette.instruments.scan.types import Progress, silent
from vedette.wire.scan import Unknown

SKIPPED = frozenset({
    ".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".nox", ".mypy_cache", ".ruff_cache",
    ".pytest_cache", "site-packages", "dist-packages", ".yarn", ".pnpm-store", "bower_components", ".terraform",
})  # fmt: skip
_HISTORIES = frozenset({".git", ".hg", ".svn"})
_SNIFFED = (".txt", ".json", ".xml")
MOST_ENTRIES, DEEPEST = 1_000_000, 60


class Walk(msgspec.Struct):
    """What a walk found: files with their formats, what it could not know, and the folders it left out as it was told."""

    files: list[tuple[str, Format]]
    unknown: list[Unknown]
    excluded: list[str]


def walk(
    root: Path, *, installed: bool = False, excludes: Sequence[str] = (), progress: Progress = silent
) -> Walk:
    """Return what lies below a folder; `installed` walks trees of installed packages as well.

    `excludes` are patterns of folders, by their paths from the root, that are left out.
    """
    found, asking = Walk([], [], []), list[tuple[str, str]]()
    left = MOST_ENTRIES
    for folder, names in _folders(root, found, _HISTORIES if installed else SKIPPED, excludes):
        progress(telling.printable(folder), None)
        left -= len(names)
        if left < 0:
            found.unknown.append(_too_much(root))
            break
        for name in sorted(names):
            path = f"{folder}/{name}" if folder else name
            format_ = registry.format_of(path, installed=installed) or _sniffed(root, path)
            if format_ is not None:
                found.files.append((path, format_))
            elif unread.is_one(name) and not _within_installed(path):
                found.unknown.append(unread.told(path))
            if manifests.is_one(name) and not _within_installed(path):
                asking.append((path, name))
    found.unknown += manifests.unlocked(root, asking, [(path, each.name) for path, each in found.files])
    return found


def _sniffed(root: Path, path: str) -> Format | None:
    """Return the format of a file whose name tells none, by its first bytes."""
    if not path.lower().endswith(_SNIFFED) or _within_installed(path) or ".egg-info/" in path:
        return None
    head = opening.head(root / path)
    return registry.sniffed(head) if head else None


def _folders(
    root: Path, found: Walk, skipped: frozenset[str], excludes: Sequence[str]
) -> Iterator[tuple[str, list[str]]]:
    def failed(error: OSError) -> None:
        subject = telling.printable(os.path.relpath(error.filename or root, root))
        found.unknown.append(
            Unknown(
                subject=subject,
                why=f"The folder cannot be read: {error.strerror}.",
                fix="Let this user read it.",
            )
        )

    for folder, folders, names in os.walk(root, onerror=failed):
        place = os.path.relpath(folder, root)
        place = "" if place == "." else place
        left_out = {each for each in folders if _matches(f"{place}/{each}".lstrip("/"), excludes)}
        found.excluded += sorted(telling.printable(f"{place}/{each}".lstrip("/")) for each in left_out)
        folders[:] = sorted(each for each in folders if each.lower() not in skipped and each not in left_out)
        if place.count(os.sep) >= DEEPEST and folders:
            found.unknown.append(
                Unknown(
                    subject=telling.printable(place),
                    why="Folders are nested too deeply below it.",
                    fix="Scan that folder by itself.",
                )
            )
            folders.clear()
        yield place, names


def _matches(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(path, each) for each in patterns)


def _within_installed(path: str) -> bool:
    return any(part in SKIPPED for part in path.split("/"))


def _too_much(root: Path) -> Unknown:
    return Unknown(
        subject=telling.printable(str(root)), why=f"There are more than {MOST_ENTRIES:,} files; the rest was not looked at.",
        fix="Scan a folder of it.",
    )  # fmt: skip
