"""A folder of feeds: of each a manifest and the index it names.

An index is written under a name of its own, and the manifest is replaced in one step: whatever is killed in between, the old
feed stands. An index is read through once against the hash in its manifest.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vedette.instruments.scan.advisories.types import BadFeed, Manifest

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MANIFEST = ".feed.json"
_PIECE = 1024 * 1024
_MOST_MANIFEST = 4 * 1024 * 1024


class Damaged(msgspec.Struct, frozen=True):
    """A feed whose manifest cannot be read."""

    name: str
    why: str


def manifests(folder: Path) -> tuple[Manifest | Damaged, ...]:
    """Return the manifests of a folder by name; of those that cannot be read, why."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.name.endswith(_MANIFEST))
    except FileNotFoundError:
        return ()
    except OSError as error:
        return (Damaged(str(folder), f"the folder cannot be read: {error.strerror}"),)
    return tuple(_read(path) for path in paths)


def find(folder: Path, name: str) -> Manifest | None:
    """Return a feed's manifest, None when there is none that can be read."""
    found = _read(folder / f"{name}{_MANIFEST}")
    return found if isinstance(found, Manifest) else None


def _read(path: Path) -> Manifest | Damaged:
    name = path.name.removesuffix(_MANIFEST)
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(_MOST_MANIFEST), type=Manifest)
    except OSError as error:
        return Damaged(name, f"its manifest cannot be read: {error.strerror}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Damaged(name, f"its manifest is damaged: {str(error)[:120]!a}")


def checked_name(name: str) -> str:
    """Return a feed's name; raises `BadFeed` for one that is no plain file name."""
    if not _NAME.fullmatch(name):
        raise BadFeed(
            f"A feed's name has letters, digits, dots, dashes and underscores: {name[:60]!a} is none."
        )
    return name


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep others from changing the folder meanwhile, and sweep out what was left half-written."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise BadFeed(f"{folder} cannot be written: {error.strerror}.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadFeed(
                f"Somebody else changes the feeds in {folder} just now; try again when that has ended."
            ) from None
        _sweep(folder)
        yield


def _sweep(folder: Path) -> None:
    """Remove indexes and downloads that no manifest names: whoever wrote them was killed."""
    known = list(manifests(folder))
    if any(isinstance(each, Damaged) for each in known):
        return
    kept = {each.index for each in known if isinstance(each, Manifest)}
    for path in [*folder.glob("*.index"), *folder.glob("*.part")]:
        if path.name not in kept:
            path.unlink(missing_ok=True)


def publish(folder: Path, manifest: Manifest) -> None:
    """Put a manifest in force, in one step, and remove the index that it takes the place of."""
    former = find(folder, manifest.name)
    target = folder / f"{manifest.name}{_MANIFEST}"
    made = target.with_suffix(".part")
    with made.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest)))
        file.flush()
        os.fsync(file.fileno())
    made.replace(target)
    _synced(folder)
    if former is not None and former.index != manifest.index:
        (folder / former.index).unlink(missing_ok=True)


def drop(folder: Path, name: str) -> bool:
    """Remove a feed and tell whether there was one."""
    target = folder / f"{checked_name(name)}{_MANIFEST}"
    there = target.exists()
    target.unlink(missing_ok=True)
    _sweep(folder)
    return there


def _synced(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hex, and see that it is on disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def damage(folder: Path, manifest: Manifest) -> str:
    """Return what is wrong with a feed's index on disk, empty when it is as it was written."""
    path = folder / manifest.index
    if Path(manifest.index).name != manifest.index:
        return "its manifest names a file elsewhere"
    try:
        told = path.stat()
    except OSError as error:
        return f"its index cannot be read: {error.strerror}"
    if told.st_size != manifest.index_bytes:
        return f"its index has {told.st_size:,} bytes instead of {manifest.index_bytes:,}"
    found = _digest(path, told.st_mtime_ns, told.st_ino, told.st_size)
    return "" if found == manifest.index_sha256 else "its index is not what was written"


@functools.lru_cache(maxsize=256)
def _digest(path: Path, changed: int, inode: int, size: int) -> str:  # noqa: ARG001 - what tells that it changed
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
