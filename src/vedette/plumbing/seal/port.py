"""Seal: secrets at rest, readable only with the key file."""

from typing import Protocol


class Seal(Protocol):
    """Authenticated encryption of small secrets, bound to a purpose."""

    def seal(self, secret: str, purpose: str) -> str:
        """Return the sealed text (printable, versioned)."""
        ...

    def open(self, sealed: str, purpose: str) -> str:
        """Return the secret; raises `core.errors.Invalid` when the text was altered or is another purpose's."""
        ...

    def mark(self, text: str, purpose: str) -> str:
        """Return what stands for a text: always the same here, not to be guessed or made without the key file."""
        ...
