"""What an enforcer is: something on a host that stops whom decisions are about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from vedette.core.errors import VedetteError
from vedette.wire.agent.types import Decision, Measure, Scope


class EnforceError(VedetteError):
    """An enforcer could not do what it was told; the text says what to do about it."""


@dataclass(frozen=True)
class Mended:
    """What an enforcer found otherwise than it should be, and put right: how many were missing, unknown, of another end."""

    missing: int = 0
    unknown: int = 0
    other_end: int = 0
    rebuilt: bool = False

    @property
    def anything(self) -> bool:
        """Tell whether anything had to be put right."""
        return bool(self.missing or self.unknown or self.other_end or self.rebuilt)

    def sentence(self, what: str) -> str:
        """Return it as a sentence about `what`, a table or a file."""
        parts = [f"{what} was not as it was left and is made anew"] if self.rebuilt else []
        parts += [f"{n} {words}" for n, words in self._counts() if n]
        return "; ".join(parts) + "."

    def _counts(self) -> list[tuple[int, str]]:
        return [
            (self.missing, "bans were missing and are put back"),
            (self.unknown, "nobody ordered are removed"),
            (self.other_end, "ended at another time and are set right"),
        ]


def stops(decision: Decision) -> bool:
    """Tell whether a decision stops packets: a real ban of an address or network. A user may be called like an address."""
    about = decision.scope in {Scope.ADDRESS, Scope.NETWORK}
    return about and decision.measure is Measure.BAN and not decision.simulated


class Enforcer(Protocol):
    """Enforces decisions of its `measures`; leaves alone what it cannot enforce (a user, a measure of others)."""

    kind: str
    measures: frozenset[Measure]

    def put(self, decisions: Sequence[Decision], now: float) -> None:
        """Enforce decisions from now until they end; an earlier end about the same value is replaced. Raises `EnforceError`."""
        ...

    def drop(self, decisions: Sequence[Decision], now: float) -> None:
        """Enforce decisions no longer; one that is not enforced is no error. Raises `EnforceError`."""
        ...

    def sync(self, live: Callable[[], Sequence[Decision]], now: float) -> Mended:
        """Compare what is there with what should be, put it right in one batch, and tell. Raises `EnforceError`.

        `live` is asked once, after what is there was read.
        """
        ...

    def tick(self, now: float) -> None:
        """Do what waits (a reload that would have been too early). Called about once a second. Raises `EnforceError`."""
        ...

    def close(self) -> None:
        """Give back what is held open; what is enforced stays until it ends."""
        ...
