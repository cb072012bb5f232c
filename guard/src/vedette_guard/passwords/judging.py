"""The verbs of passwords: judge one that somebody chose, hash it, verify it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from vedette_guard.decisions import strength
from vedette_guard.decisions.strength import Guess, Problem
from vedette_guard.extras import need
from vedette_guard.passwords.hashing import Hashes, Verified
from vedette_guard.passwords.port import Breaches, BreachesAway

log = logging.getLogger("vedette_guard")


class Passwords:
    """Passwords of an application; `site` is its name, of which no password may be made.

    `breaches` knows leaked ones. While it cannot be asked, that is logged, and passwords are judged without it.
    """

    _zxcvbn = threading.Lock()  # it keeps the words about a person in a global

    def __init__(
        self, breaches: Breaches | None = None, *, site: str = "", hashes: Hashes | None = None
    ) -> None:
        self._breaches, self._site, self._hashes = breaches, site, hashes or Hashes()

    def problems(self, password: str, about: Iterable[str] = (), *, mfa: bool = False) -> tuple[Problem, ...]:
        """Return what is wrong with a password that somebody chose, empty when nothing is.

        `about` are the person's name, e-mail and the like. `mfa`: a second factor is asked of them at sign-in.
        """
        found = strength.size_problem(password, mfa=mfa)
        if found is None and self._is_leaked(password):
            found = Problem("leaked", strength.LEAKED)
        if found is None:
            found = strength.content_problem(self._guess(password, about))
        return () if found is None else (found,)

    def hash(self, password: str) -> str:
        """Return what to store of a password. Raise ValueError for one that is too long to be judged."""
        return self._hashes.hash(password)

    def verify(self, stored: str | None, given: str) -> Verified:
        """Tell whether a password is right; None: there is no such user. Store `rehash` when there is one."""
        return self._hashes.verify(stored, given)

    def _is_leaked(self, password: str) -> bool:
        if self._breaches is None:
            return False
        try:
            return any(self._breaches.holds(text) for text in {password, strength.normal(password)})
        except BreachesAway as error:
            log.warning("a password was accepted without looking whether it was leaked: %s", error)
            return False

    def _guess(self, password: str, about: Iterable[str]) -> Guess:
        zxcvbn = need("zxcvbn", "passwords").zxcvbn
        said = strength.words([self._site, *about])
        with self._zxcvbn:
            found = zxcvbn(strength.normal(password)[: strength.LOOKED_AT], user_inputs=said)
        return Guess(found["score"], str(found["feedback"].get("warning") or ""))
