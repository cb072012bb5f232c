"""What the state was, kept in a file, so that what changed while nobody looked is told at the next start."""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from vedette.instruments.drift.types import State


def load(path: Path) -> dict[str, State]:
    """Return the states by aspect; none when there is no file, or it is damaged."""
    try:
        return dict(msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, str]]))
    except (OSError, ValueError, msgspec.DecodeError):
        return {}


def save(path: Path, states: Mapping[str, State]) -> None:
    """Keep the states: whole, or as they were before. A full disk costs what changes while the agent is away, nothing else."""
    part = path.with_name(path.name + ".new")
    with contextlib.suppress(OSError):
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(states))
        part.replace(path)
