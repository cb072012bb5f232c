"""Files below a root, opened without being led out of it, waiting for anybody, or reading without end."""

import os
import posixpath
import stat
from collections.abc import Callable
from pathlib import Path

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.types import LARGE, MOST_BYTES, Broken, Lockfile

Opener = Callable[[str], bytes | None]
"""Returns a file by its path from the root, None where there is none; raises `Broken` where it cannot be read."""


def lockfile(path: str, opener: Opener) -> Lockfile:
    """Return a file by its path from the root; raises `Broken`."""
    body = opener(path)
    if body is None:
        raise Broken("It is not there.")
    return _made(path, body, opener)


def below(root: Path) -> Opener:
    """Return how files below a folder are opened. Links are followed within it, and never out of it."""
    real = root.resolve()

    def opened(path: str) -> bytes | None:
        try:
            found = (real / path).resolve(strict=True)
        except FileNotFoundError:
            return None
        except (OSError, RuntimeError, ValueError) as error:
            raise Broken(f"It cannot be opened: {_why(error)}.") from None
        if not found.is_relative_to(real):
            raise Broken("It is a link that leads out of what is scanned, and is not followed.")
        return _content(found)

    return opened


def head(path: Path, most: int = 4096) -> bytes:
    """Return the first bytes of a file, none where it is a link, no file, or cannot be read."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    with os.fdopen(opened, "rb", buffering=0) as file:
        return (file.read(most) or b"") if stat.S_ISREG(os.fstat(opened).st_mode) else b""


def _made(path: str, body: bytes, opener: Opener) -> Lockfile:
    def beside(where: str) -> Lockfile | None:
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), where))
        if joined.startswith(("..", "/")) or "\0" in where:
            return None
        found = opener(joined)
        return None if found is None else _made(joined, found, opener)

    return Lockfile(telling.printable(path), body, beside)


def _content(path: Path) -> bytes:
    most = LARGE.get(path.name, MOST_BYTES)
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(opened, "rb") as file:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise Broken("It is no file.")
            body = file.read(most + 1)
    except OSError as error:
        raise Broken(f"It cannot be read: {_why(error)}.") from None
    if len(body) > most:
        raise Broken(f"It is larger than {most >> 20} MiB.")
    return body


def _why(error: BaseException) -> str:
    told = error.strerror if isinstance(error, OSError) else str(error)
    return (told or "unknown").lower()
