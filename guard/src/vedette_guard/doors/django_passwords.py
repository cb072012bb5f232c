"""Passwords in Django: a validator and a hasher.

`AUTH_PASSWORD_VALIDATORS = [{"NAME": "vedette_guard.doors.django_passwords.PasswordValidator"}]` with `OPTIONS` `filter`
(a path), `ranges` (True: ask Have I Been Pwned), `mfa`, `site`; `PASSWORD_HASHERS` with `…django_passwords.Argon2Hasher`
first: others below it are verified and hashed anew at sign-in, as Django does.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError

from vedette_guard.decisions.strength import LONGEST, SHORTEST, SHORTEST_WITH_MFA, normal
from vedette_guard.passwords import Breaches, BreachFilter, BreachRanges, Cost, Passwords, fetch_range

ABOUT = ("username", "email", "first_name", "last_name")
_COST = Cost()


class PasswordValidator:
    """Validates what somebody chose, as `Passwords.problems` judges it."""

    def __init__(self, filter: str = "", ranges: bool = False, mfa: bool = False, site: str = "") -> None:  # noqa: A002 - the option's name
        breaches: Breaches | None = BreachFilter(filter) if filter else None
        if ranges and breaches is None:
            breaches = BreachRanges(fetch_range)
        self._passwords, self._mfa = Passwords(breaches, site=site), mfa

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with what is wrong with a password."""
        about = [str(getattr(user, name, "") or "") for name in ABOUT]
        problems = self._passwords.problems(password, about, mfa=self._mfa)
        if problems:
            raise ValidationError([ValidationError(one.text, code=one.code) for one in problems])

    def get_help_text(self) -> str:
        """Return what to tell somebody beforehand."""
        shortest = SHORTEST_WITH_MFA if self._mfa else SHORTEST
        return (
            f"At least {shortest} characters, whichever you like, that are hard to guess and were not leaked."
        )


class Argon2Hasher(Argon2PasswordHasher):
    """Django's Argon2 hasher at the guard's cost, of passwords as the guard compares them (NFKC, at most 256 characters)."""

    time_cost, memory_cost, parallelism = _COST.time, _COST.memory, _COST.lanes

    def encode(self, password: str, salt: str) -> str:
        """Return what Django stores of a password. Raise ValueError for one that is too long."""
        if len(password) > LONGEST:
            raise ValueError(f"a password has at most {LONGEST} characters")
        encoded: str = super().encode(normal(password), salt)
        return encoded

    def verify(self, password: str, encoded: str) -> bool:
        """Tell whether a password is right."""
        return bool(super().verify(normal(password[:LONGEST]), encoded)) and len(password) <= LONGEST
