"""The matrix of backups that must end red: each failure on each engine. A cell that no test claims fails a quick test."""

from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T", bound=Callable[..., object])

ENGINES = ("borg", "pgbackrest", "restic")
SOURCES = ("command", "mongo", "mysql", "paths", "postgres", "redis", "sqlite", "vedette", "volumes")

FAILURES = (
    "source missing",
    "source empty",
    "permission denied inside",
    "8 bytes flipped in the repository",
    "pack deleted",
    "target full",
    "wrong key",
    "clock jump",
    "stale lock",
    "network cut",
    "dump that its own version cannot import",
    "restore that silently does nothing",
    "kill -9 mid-backup",
    "kill -9 mid-prune",
    "kill -9 mid-drill",
)
OF_A_SOURCE = ("good", "missing", "empty", "not what it was")

claimed: set[tuple[str, str]] = set()
"""The cells that tests claim, known when their modules are imported."""


def cells(failure: str, *kinds: str, fixture: str = "place") -> Callable[[T], T]:
    """Run a test for a failure on some engines (or for a source), handed to a fixture of it, and claim these cells."""
    assert failure in (*FAILURES, *OF_A_SOURCE), failure

    def mark(test: T) -> T:
        claimed.update((failure, kind) for kind in kinds)
        return pytest.mark.parametrize(fixture, kinds, indirect=fixture in {"place", "source"})(test)

    return mark
