"""What is remembered of a project, on disk beside its journal: readable by its owner alone, written whole or not at all."""

import contextlib
import os
from pathlib import Path

import msgspec

from vedette.core.errors import Unavailable
from vedette.deploy.types import Memory


def read(folder: Path, project: str) -> Memory:
    """Return what is remembered; of a file that is damaged, or of another project, nothing."""
    with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
        found = msgspec.json.decode(_path(folder, project).read_bytes(), type=Memory)
        if found.project == project:
            return found
    return Memory(project=project)


def write(folder: Path, memory: Memory) -> None:
    """Keep it; raises `Unavailable` where it cannot be written."""
    path = _path(folder, memory.project)
    half = path.with_suffix(".half")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(memory))
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        raise Unavailable(f"What was seen cannot be kept in {path}: {error.strerror}.") from error


def _path(folder: Path, project: str) -> Path:
    return folder / f"{project}.seen"
