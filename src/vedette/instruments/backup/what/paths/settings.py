"""What a plan says of paths that are saved."""

import os
from pathlib import Path

import msgspec

from vedette.core import names
from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Failure


class Paths(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whole paths, as written names, with patterns of what is left out (`instruments/backup/excluding.py`).

    `restless` are patterns of files that come, go and change all the time: they are saved, and a drill does not miss them.
    `may_be_empty` allows a path that holds nothing.
    """

    paths: tuple[str, ...]
    excludes: tuple[str, ...] = ()
    restless: tuple[str, ...] = ()
    one_file_system: bool = False
    may_be_empty: bool = False


def tops_of(paths: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the paths that are walked: what a link leads to in its place, those inside of another left out.

    A plan that names a link (`/srv/shop/current`) means what is behind it: the link alone would be an empty backup. Raises
    `Failed(SOURCE_MISSING)` for what is not there.
    """
    if not paths:
        raise Failed(Failure.SOURCE_MISSING, "No path is named.")
    found = sorted({_top(path) for path in paths})
    return tuple(p for p in found if not any(other != p and p.is_relative_to(other) for other in found))


def _top(written: str) -> Path:
    path = names.read(written)
    if not path.startswith("/") or os.path.normpath(path) != (path.rstrip("/") or "/"):
        raise Failed(Failure.SOURCE_MISSING, f"{written} is no whole path without `..` and double slashes.")
    top = Path(path)
    try:
        top.lstat()
        return top.resolve(strict=True) if top.is_symlink() else top
    except OSError as error:
        raise Failed(Failure.SOURCE_MISSING, f"{written}: {error.strerror or 'it leads nowhere'}.") from None
