"""The words of a picture: what stands in it, who gets to whom, and how everything is."""

from collections.abc import Mapping

import msgspec


class State(msgspec.Struct, frozen=True):
    """How a thing is: the tone of a state mark (ok, info, warn, crit, off) and a word or two."""

    tone: str
    word: str


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """Something of the picture: who comes from outside, a load balancer, or servers alike (`count`), with a line below the name.

    `things` are the names of what it stands for. `tone` (ok, info, warn, crit, off) and `state` tell how it is, where that is known.
    """

    id: str
    kind: str  # outside, balancer, server
    name: str
    count: int = 1
    below: str = ""
    networks: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    tone: str = ""
    state: str = ""


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody gets to somebody, on which ports; `wide` says that no firewall stands before, `wrong` that it must not be so."""

    start: str
    end: str
    ports: str
    wide: bool = False
    wrong: bool = False


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; `networks` are names with their range; `broken` are sentences that must be true and are not."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    networks: Mapping[str, str]
    broken: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
