"""Is a password good enough? Length, whether it was leaked, and how long guessing takes; never which characters it has."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

SHORTEST, SHORTEST_WITH_MFA = 12, 8
LONGEST = 256
SCORE = 3
LOOKED_AT = 72  # characters that zxcvbn sees: its time grows with the square
_LONGEST_WORD, _MOST_WORDS = 64, 32

LEAKED = "This password stands in a list of leaked passwords that attackers try first; choose another one."


@dataclass(frozen=True)
class Problem:
    """What is wrong with a password: a code for programs (`short`, `long`, `leaked`, `guessable`), a sentence for people."""

    code: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Guess:
    """What zxcvbn says: 0 (at once) to 4 (very long), and a warning, if it has one."""

    score: int
    warning: str = ""


def normal(password: str) -> str:
    """Return a password as it is judged, hashed and compared: NFKC, so that it is the same on every keyboard (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)


def size_problem(password: str, *, mfa: bool = False) -> Problem | None:
    """Return what is wrong with a password's length, `password` as it was typed. `mfa`: a second factor is asked, too.

    What NFKC makes longer counts as it was typed, what it makes shorter as it is.
    """
    if len(password) > LONGEST or len(normal(password)) > LONGEST:
        return Problem("long", f"Use at most {LONGEST} characters.")
    shortest = SHORTEST_WITH_MFA if mfa else SHORTEST
    size = min(len(password), len(normal(password)))
    if size < shortest:
        return Problem("short", f"Use at least {shortest} characters; this has {size}.")
    return None


def content_problem(guess: Guess) -> Problem | None:
    """Return what is wrong with a password that is guessed too soon."""
    if guess.score >= SCORE:
        return None
    warning = (guess.warning or "It is too easy to guess.").rstrip(".") + "."
    return Problem("guessable", f"{warning} Try four or more words that do not belong together.")


def words(about: Iterable[str]) -> list[str]:
    """Return the words a person's password must not be made of: their name and e-mail, the site's name, and parts of them."""
    found: set[str] = set()
    for text in about:
        lower = text[: _LONGEST_WORD * 4].lower()
        found |= {lower, *lower.replace("@", " ").replace(".", " ").replace("-", " ").split()}
    return sorted(word[:_LONGEST_WORD] for word in found if len(word) > 2)[:_MOST_WORDS]
