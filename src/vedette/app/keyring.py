"""The key ring of the front door: every DSN key in memory, replaced as a whole when a project or key changed."""

import threading
from collections.abc import Callable, Iterable

from vedette.intake.ports import ProjectKey
from vedette.projects.types import DsnKey


class SnapshotKeyRing:
    """Implements `intake.ports.KeyRing` from `read`, which returns all keys, revoked ones too."""

    def __init__(self, read: Callable[[], Iterable[DsnKey]]) -> None:
        self._read = read
        self._keys: dict[str, ProjectKey] = {}
        self._used: set[str] = set()
        self._lock = threading.Lock()

    def find(self, key: str) -> ProjectKey | None:
        """Return the key's record, or None when nobody issued it."""
        found = self._keys.get(key)
        if found is not None:
            self._used.add(key)
        return found

    def refresh(self) -> None:
        """Read the keys anew; callers in several threads take turns, so an older snapshot never wins."""
        with self._lock:
            self._keys = {key.public: _for_intake(key) for key in self._read()}

    def active(self) -> int:
        """Return how many keys may send."""
        return sum(1 for key in self._keys.values() if key.active)

    def take_used(self) -> frozenset[str]:
        """Return the keys used since the last call."""
        used, self._used = self._used, set()
        return frozenset(used)


def _for_intake(key: DsnKey) -> ProjectKey:
    return ProjectKey(
        key=key.public,
        project=key.project,
        active=key.active,
        origins=key.origins,
        per_minute=key.per_minute,
        per_day=key.per_day,
    )
