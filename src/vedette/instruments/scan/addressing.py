"""Which addresses of a host are looked at: of those that are proven to be owned, the first of IPv4 and the first of IPv6."""

from collections.abc import Sequence

from vedette.instruments.scan import owning
from vedette.instruments.scan.types import Asked


def addresses(asked: Asked) -> tuple[str, ...]:
    """Return the addresses of a target to be looked at; raises `CannotKnow` when there is none, or none that may be reached."""
    return first_of_each(owning.proven(asked).addresses)


def first_of_each(found: Sequence[str]) -> tuple[str, ...]:
    """Return the first address of IPv4 and the first of IPv6."""
    four = [one for one in found if ":" not in one]
    six = [one for one in found if ":" in one]
    return (*four[:1], *six[:1])
