"""The words of the switch against floods, and of what holds one back."""

import enum

import msgspec


class Stand(enum.StrEnum):
    """How a defence is: it holds, it is open, nobody can tell from here, or somebody else keeps it and says so."""

    OPEN = "open"
    UNKNOWN = "unknown"
    GIVEN = "given"
    HELD = "held"


class Defence(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list of what holds a flood back: whose it is, how it stands in a sentence, and how that is known."""

    layer: str
    stand: Stand
    sentence: str
    known: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """In whose words a page or a command asks for what it does not know yet: Hetzner, and the guard's policy."""

    cloud: str = "Hetzner was not asked: say --balancer, with a token that reads."
    guard: str = "Its policy was not read: say --policy FILE."


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
