"""Small things that a restart must not forget: a file of the agent's own, written whole or not at all, for its owner alone."""

import os
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")
_MOST = 1 << 20


def kept(path: Path | None, kind: type[T]) -> T | None:
    """Return what was kept; None without a file, and where what stands in it is something else."""
    if path is None:
        return None
    try:
        return msgspec.json.decode(path.read_bytes()[:_MOST], type=kind)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def keep(path: Path | None, value: object) -> None:
    """Keep something. Where there is no room for it, what is in memory serves until the next start."""
    if path is None:
        return
    fresh = path.with_name(f".{path.name}.new")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(value))
        os.replace(fresh, path)  # noqa: PTH105 - atomic, as its name says
    except OSError:
        return
