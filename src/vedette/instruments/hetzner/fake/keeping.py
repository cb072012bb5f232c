"""The project of a fake in a file: JSON, written whole after every change, never half."""

import os
from pathlib import Path

import msgspec

from vedette.core.errors import ConfigError
from vedette.instruments.hetzner.fake.faults import Fault
from vedette.instruments.hetzner.fake.state import State


def load(path: Path) -> State:
    """Return the project of a file, an empty one where there is no file yet. Raises `ConfigError`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=State)
    except FileNotFoundError:
        return State()
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(
            f"{path} holds no project of the fake: {error}. Move it away to begin anew."
        ) from error


def save(path: Path, state: State) -> None:
    """Write a project in place of what the file holds. Raises `OSError`."""
    part = path.with_name(f".{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.encode(state))
    part.replace(path)


def load_faults(path: Path) -> list[Fault]:
    """Return the faults that a JSON file lists. Raises `ConfigError`."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Fault])
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(
            f"{path} lists no faults: {error}. docs/deploy/fake.md says how they are written."
        ) from error
