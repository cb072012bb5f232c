"""The words of ports: what is seen of one from outside."""

import enum

import msgspec


class PortState(enum.StrEnum):
    """What a port does when it is asked for a connection: takes it, refuses it, or says nothing (a firewall drops what comes)."""

    OPEN = "open"
    CLOSED = "closed"
    FILTERED = "filtered"


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """A TCP port as it is seen from elsewhere. `service` is what it speaks, as far as it told; `detail` the words it greets with."""

    address: str
    port: int
    state: PortState
    service: str = ""
    detail: str = ""
