"""The words of versions: an order, and what has no place in it."""

from collections.abc import Callable

from vedette.core.errors import VedetteError

Key = tuple[object, ...]
"""What sorts as versions of one ecosystem do; only keys of the same ecosystem are compared."""

KeyOf = Callable[[str], Key]
"""Makes the key of a version; raises `Unreadable`."""

MOST = 256
"""Characters of the longest version that is read."""


class Unreadable(VedetteError):
    """A version that its ecosystem's rules cannot read: nothing can be told of it."""

    def __init__(self, ecosystem: str, version: str) -> None:
        shown = ascii(version[:60])
        super().__init__(f"{shown} is no version that the rules of {ecosystem[:40]} can read.")


class NoVersion(ValueError):
    """Raised by the rules of one ecosystem, which do not know under which name they are asked."""
