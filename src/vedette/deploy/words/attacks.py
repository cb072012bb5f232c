"""The words of the switch against floods, and of what holds one back."""

import enum

import msgspec


class Shield(msgspec.Struct, frozen=True, kw_only=True):
    """What is tightened on a host while it is under attack.

    `ports` are those of the web (TCP and UDP); no other port is touched. Of `front` (the load balancer's addresses) everything is
    let in; with `only_front` nobody else is, otherwise each address may open `rate` connections a second, `burst` at once (an IPv6
    network of /64 counts as one). `policy` is the file of the guard's policy, which gets a limit of `requests` a minute for each
    client; `reload` is the command by which the application reads it again.
    """

    ports: tuple[int, ...] = (80, 443)
    front: tuple[str, ...] = ()
    only_front: bool = False
    rate: int = 20
    burst: int = 40
    policy: str = ""
    reload: str = ""
    requests: int = 60


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
