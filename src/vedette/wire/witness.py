"""What somebody who stands somewhere saw: which ports he tried, and what came of each; and what a host tells of itself."""

import enum

import msgspec

from vedette.wire.infra import Told


class Came(enum.StrEnum):
    """What came of a connection. `untried`: it says nothing of the other side (no way out from here, no address)."""

    ANSWERED = "answered"
    REFUSED = "refused"  # it got there, and nobody listens, or somebody says no
    SILENT = "silent"
    UNTRIED = "untried"


class Look(msgspec.Struct, frozen=True, order=True):
    """A TCP port to try: of which server or load balancer, and at which of its addresses."""

    name: str
    address: str
    port: int

    @property
    def url(self) -> str:
        """Return it as a probe takes it."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"tcp://{host}:{self.port}"


class Looks(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be tried from a spot: `internet`, a group, an address, the name of a server, or nothing (somewhere outside)."""

    spot: str
    looks: tuple[Look, ...] = ()


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a look, with the probe's sentence."""

    look: Look
    came: Came
    sentence: str = ""


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen from a spot at an instant, and what the host there tells of itself (None: nobody asked)."""

    spot: str
    at: float
    sights: tuple[Sight, ...] = ()
    told: Told | None = None
