"""Hashes by Argon2id (RFC 9106), as strings that tell their own parameters, and verifying that takes as long for nobody."""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vedette_guard.decisions.strength import LONGEST, normal
from vedette_guard.extras import need

_HASH_BYTES, _SALT_BYTES = 32, 16
AT_ONCE = 4


@dataclass(frozen=True)
class Cost:
    """What a hash costs: memory in KiB, passes, lanes. The default is the least that OWASP recommends (19 MiB, 2, 1)."""

    memory: int = 19_456
    time: int = 2
    lanes: int = 1


@dataclass(frozen=True)
class Verified:
    """Whether a password was right; `rehash` is what to store from now on (None: what is stored is good), and why."""

    ok: bool
    rehash: str | None
    reason: str


class Hashes:
    """Makes and verifies hashes; at most `at_once` at a time, so that a flood of sign-ins takes no more memory than that.

    `older` verifies hashes of another kind (stored, given), from before: who signs in gets an Argon2id hash.
    """

    def __init__(
        self,
        cost: Cost | None = None,
        *,
        at_once: int = AT_ONCE,
        older: Callable[[str, str], bool] | None = None,
    ) -> None:
        self._cost, self._older = cost or Cost(), older
        self._argon2, self._errors = need("argon2", "passwords"), need("argon2.exceptions", "passwords")
        self._hasher: Any = self._argon2.PasswordHasher(
            self._cost.time, self._cost.memory, self._cost.lanes, _HASH_BYTES, _SALT_BYTES
        )
        self._turn = threading.BoundedSemaphore(at_once)
        self._nobodys = self._random()

    def hash(self, password: str) -> str:
        """Return what to store of a password. Raise ValueError for one that is too long to be judged."""
        if len(password) > LONGEST:
            raise ValueError(f"a password has at most {LONGEST} characters")
        with self._turn:
            made: str = self._hasher.hash(_bytes(password))
        return made

    def verify(self, stored: str | None, given: str) -> Verified:
        """Tell whether a password is the one of a stored hash; None: there is no such user, and it takes as long."""
        too_long = len(given) > LONGEST
        if stored is None or too_long:
            self._matches(self._nobodys, "" if too_long else given)
            return Verified(False, None, "The password is wrong.")
        if not stored.startswith("$argon2"):
            return self._by_older(stored, given)
        if not self._matches(stored, given):
            return Verified(False, None, "The password is wrong.")
        if self._hasher.check_needs_rehash(stored):
            return Verified(True, self.hash(given), "The password is right; its hash was of another cost.")
        return Verified(True, None, "The password is right.")

    def _by_older(self, stored: str, given: str) -> Verified:
        if not stored or self._older is None or not self._older(stored, given):
            self._matches(self._nobodys, given)  # accounts without a password take as long as others
            return Verified(False, None, "The password is wrong.")
        return Verified(True, self.hash(given), "The password is right; its hash was of an older kind.")

    def _matches(self, stored: str, given: str) -> bool:
        with self._turn:
            try:
                return bool(self._hasher.verify(stored, _bytes(given)))
            except (self._errors.VerificationError, self._errors.InvalidHashError):
                return False

    def _random(self) -> str:
        """Return a hash of our cost that no password has, without the time it takes to make one."""
        salt, digest = (_plain64(secrets.token_bytes(size)) for size in (_SALT_BYTES, _HASH_BYTES))
        cost = self._cost
        return f"$argon2id$v=19$m={cost.memory},t={cost.time},p={cost.lanes}${salt}${digest}"


def _bytes(password: str) -> bytes:
    return normal(password).encode("utf-8", "surrogatepass")


def _plain64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
