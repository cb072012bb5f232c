"""Passwords made of words: as strong as a key, and still to be read aloud, written down and typed by a tired person.

One of 512 words carries 9 bits, 14 of them 126. No two words begin with the same four letters, so a hurried hand is understood.
"""

import functools
from collections.abc import Sequence
from pathlib import Path

from vedette.core.ids import new_number
from vedette.instruments.backup.types import Secret

COUNT = 14
_LIST = Path(__file__).parent / "words.txt"
_TELLING = 4  # letters that tell words apart


@functools.cache
def known() -> Sequence[str]:
    """Return the words, in order."""
    return tuple(_LIST.read_text(encoding="ascii").split())


def new_password() -> Secret:
    """Return a fresh password of 126 bits."""
    words = known()
    return Secret("-".join(words[new_number(len(words))] for _ in range(COUNT)))


def understood(typed: str) -> str:
    """Return the password that somebody typed: with spaces for hyphens, in capitals, words cut after four letters.

    What is no password of ours is returned as it is.
    """
    parts = typed.replace("-", " ").lower().split()
    by_head = {word[:_TELLING]: word for word in known()}
    meant = [by_head.get(part[:_TELLING], "") for part in parts]
    ours = len(parts) == COUNT and all(word.startswith(part) for word, part in zip(meant, parts, strict=True))
    return "-".join(meant) if ours else typed
