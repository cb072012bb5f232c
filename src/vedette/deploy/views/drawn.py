"""A picture as a page shows it: drawn, and the same as two tables."""

from collections.abc import Sequence

import msgspec
from django.utils.safestring import SafeString, mark_safe

from vedette.deploy.picturing import drawing, telling
from vedette.deploy.words.pictures import Edge, Node, Picture

_KINDS = {"outside": "outside", "balancer": "load balancer", "server": "server"}


class NodeRow(msgspec.Struct, frozen=True):
    """Something of the picture: its name, what it is, where it stands, and how it is."""

    name: str
    kind: str
    below: str
    networks: str
    tone: str
    state: str


class EdgeRow(msgspec.Struct, frozen=True):
    """Who gets to whom, on which ports, and what is wrong with that."""

    start: str
    end: str
    ports: str
    wrong: str


class Drawn(msgspec.Struct, frozen=True):
    """A picture as SVG, and its tables."""

    svg: SafeString
    nodes: Sequence[NodeRow]
    edges: Sequence[EdgeRow]


def drawn(of: Picture | None) -> Drawn | None:
    """Return a picture for a template; None where nothing was seen."""
    if of is None:
        return None
    svg = mark_safe(drawing.svg(of))  # noqa: S308 - the drawing escapes what it writes
    return Drawn(svg, [_node(each) for each in of.nodes], [_edge(each, of) for each in of.edges])


def _node(one: Node) -> NodeRow:
    return NodeRow(
        telling.called(one),
        _KINDS[one.kind],
        one.below,
        ", ".join(one.networks),
        one.tone or "off",
        one.state,
    )


def _edge(one: Edge, of: Picture) -> EdgeRow:
    names = {each.id: telling.called(each) for each in of.nodes}
    wrong = "must not be so" if one.wrong else "no firewall" if one.wide else ""
    return EdgeRow(names[one.start], names[one.end], one.ports, wrong)
