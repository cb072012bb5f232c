"""What happened to the table of live decisions, one struct a fact: the state file is a list of them, and the table their sum."""

import msgspec

from vedette.wire.agent.types import Decision, Scope


class Held(msgspec.Struct, frozen=True, tag="held", gc=False):
    """A decision is in force: taken here, or ordered by the server."""

    decision: Decision
    server: bool = False


class Freed(msgspec.Struct, frozen=True, tag="freed", gc=False):
    """Decisions about a target are gone: all of them, or the server's alone."""

    scope: Scope
    value: str
    server_only: bool = False


class Unbanned(msgspec.Struct, frozen=True, tag="unbanned", gc=False):
    """Somebody said that a decision was wrong: earlier ones are forgotten, and older lines ban nobody again."""

    scope: Scope
    value: str
    at: float


class Rebanned(msgspec.Struct, frozen=True, tag="rebanned", gc=False):
    """An unban counts no longer: a person, or lines after it, decided otherwise."""

    scope: Scope
    value: str


class Remembered(msgspec.Struct, frozen=True, tag="remembered"):
    """How many decisions about a target count, and since when it is quiet."""

    scope: Scope
    value: str
    steps: int
    since: float
    simulated: bool = False


class Welcomed(msgspec.Struct, frozen=True, tag="welcomed"):
    """A network was put on this host's allowlist, by whom and why."""

    network: str
    at: float
    note: str = ""


class Dismissed(msgspec.Struct, frozen=True, tag="dismissed"):
    """A network was taken off this host's allowlist."""

    network: str


class Spared(msgspec.Struct, frozen=True, tag="spared"):
    """Whom the server allows, never bans and trusts as proxies; it counts while the server is away, too."""

    allow: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()


Event = Held | Freed | Unbanned | Rebanned | Remembered | Welcomed | Dismissed | Spared
