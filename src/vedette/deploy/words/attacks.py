"""The words of the switch against floods, and of what holds one back."""

import enum

import msgspec


class Stand(enum.StrEnum):
    """How a defence is: it holds, it is open, nobody can tell from here, somebody else keeps it and says so, or it waits to be turned on."""

    OPEN = "open"
    UNKNOWN = "unknown"
    GIVEN = "given"
    HELD = "held"
    OFF = "off"


class Defence(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list of what holds a flood back: whose it is, how it stands in a sentence, and how that is known. `for_all` says that it is alike for every host."""

    layer: str
    stand: Stand
    sentence: str
    known: str
    for_all: bool = False


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """In whose words a list is told: what is not known yet of Hetzner and of the guard, how the rest is known, and what ends the switch."""

    cloud: str = "Hetzner was not asked: say --balancer, with a token that reads."
    guard: str = "Its policy was not read: say --policy FILE."
    live: str = "Hetzner's API, now"
    host: str = "asked on the host, now"
    ends: str = ""  # empty: as the host tells


class FloodHost(msgspec.Struct, frozen=True, kw_only=True):
    """How a host stands against floods, by what its agent told at `told_at` (None: never).

    `lengths` are the minutes for which the switch may be turned on, empty where the host does not let the server. `until` is when
    it goes off, 0 where it is off; `by` who turned it on. `waits` says that the host has not answered yet; `problem` is why it
    could not do what it was told last.
    """

    host: int
    name: str
    lengths: tuple[int, ...] = ()
    until: float = 0.0
    by: str = ""
    told_at: float | None = None
    waits: bool = False
    problem: str = ""
    defences: tuple[Defence, ...] = ()


class Besieged(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a host is under attack by its own word: until when (0: not), and what holds a flood back there."""

    host: str
    until: float = 0.0
    defences: tuple[Defence, ...] = ()
