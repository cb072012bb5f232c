"""What deciding is about: what a rule asks for, whom a decision is about, and why there is none."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from vedette.wire.agent.types import Decision, Lifted, Measure, Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


class Target(NamedTuple):
    """Whom a decision is about: `value` is an IPv4 address, a network as CIDR (an IPv6 client is its /64), a user, a key."""

    scope: Scope
    value: str


@dataclass(frozen=True)
class Response:
    """What a rule asks for when it is met.

    `first` and `longest` are seconds: how long the first decision lasts, and the longest whatever was before. With `crowd`, a
    whole network (/24, /48) is decided about once so many of its addresses were within an hour; 0 never does that.
    """

    measure: Measure = Measure.BAN
    scope: Scope = Scope.ADDRESS
    first: float = 10 * MINUTE
    longest: float = 7 * DAY
    crowd: int = 0


@dataclass(frozen=True)
class Left:
    """Nothing is done, and why not."""

    reason: str


@dataclass(frozen=True)
class Past:
    """What is remembered of earlier decisions: how many count still, and since when (seconds since 1970) it is quiet."""

    steps: int = 0
    since: float = 0.0


@dataclass(frozen=True)
class Change:
    """What became otherwise among live decisions: what must be enforced now, what no longer, and what ended early.

    `skipped` tells in sentences what was asked for and not done.
    """

    put: tuple[Decision, ...] = ()
    drop: tuple[Decision, ...] = ()
    lifted: tuple[Lifted, ...] = ()
    skipped: tuple[str, ...] = ()

    @classmethod
    def of(cls, changes: "Iterable[Change]") -> "Change":
        """Return several changes as one, in their order."""
        each = list(changes)
        return cls(
            tuple(one for change in each for one in change.put),
            tuple(one for change in each for one in change.drop),
            tuple(one for change in each for one in change.lifted),
            tuple(text for change in each for text in change.skipped),
        )
