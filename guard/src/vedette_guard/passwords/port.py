"""What knows leaked passwords."""

from __future__ import annotations

import hashlib
from typing import Protocol


class BreachesAway(Exception):
    """Nobody can tell now whether a password was leaked: a damaged file, a service that does not answer."""


class Breaches(Protocol):
    """A list of leaked passwords, wherever it is."""

    def holds(self, password: str) -> bool:
        """Tell whether a password is in the list. Raise BreachesAway when that cannot be told."""
        ...


def sha1(password: str) -> bytes:
    """Return the hash that lists of leaked passwords are published under; it guards nothing."""
    return hashlib.sha1(password.encode("utf-8", "replace"), usedforsecurity=False).digest()
