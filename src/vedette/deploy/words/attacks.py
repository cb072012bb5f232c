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


class Besieged(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a host is under attack by its own word: until when (0: not), and what holds a flood back there."""

    host: str
    until: float = 0.0
    defences: tuple[Defence, ...] = ()
