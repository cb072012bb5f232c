"""Where things stand in a picture: who comes from outside on the left, load balancers beside, servers in their networks. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.deploy.words.pictures import Node, Picture

WIDE, HIGH = 150, 46  # of a node
STATED = 18  # what the line of its state adds to a node
_GAP, _PAD, _HEAD = 18, 14, 24
_BESIDE = 150  # between columns: room for the ports of a line
OUTSIDE = ""  # the name of the box of those that are in no network


class Spot(msgspec.Struct, frozen=True):
    """A rectangle: its left upper corner and size, in units of the picture."""

    x: float
    y: float
    width: float
    height: float


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """A picture with the place of each node (by id, each `high`) and of the box around each network, and its whole size."""

    picture: Picture
    nodes: Mapping[str, Spot]
    boxes: Mapping[str, Spot]
    width: float
    height: float
    high: float


def placed(of: Picture) -> Placed:
    """Return where everything stands: three columns, each as high as it needs to be, none over another."""
    high = HIGH + STATED if any(each.state for each in of.nodes) else HIGH
    outside = [each for each in of.nodes if each.kind == "outside"]
    balancers = [each for each in of.nodes if each.kind == "balancer"]
    second = _PAD + WIDE + _BESIDE
    third = second + WIDE + _BESIDE if balancers else second
    nodes = {**_column(outside, _PAD, _PAD, high), **_column(balancers, second, _PAD, high)}
    inner, boxes = _networks(of, third, high)
    nodes |= inner
    spots = [*nodes.values(), *boxes.values()]
    return Placed(
        picture=of, nodes=nodes, boxes=boxes, high=high,
        width=max((one.x + one.width for one in spots), default=0) + _PAD,
        height=max((one.y + one.height for one in spots), default=0) + _PAD,
    )  # fmt: skip


def _column(nodes: Sequence[Node], x: float, top: float, high: float) -> dict[str, Spot]:
    return {each.id: Spot(x, top + n * (high + _GAP), WIDE, high) for n, each in enumerate(nodes)}


def _networks(of: Picture, x: float, high: float) -> tuple[dict[str, Spot], dict[str, Spot]]:
    """Return servers below each other in the box of their first network."""
    nodes, boxes, top = dict[str, Spot](), dict[str, Spot](), float(_PAD)
    for name in (*of.networks, OUTSIDE):
        inside = [each for each in of.nodes if each.kind == "server" and _home(each, of) == name]
        if not inside and name == OUTSIDE:
            continue
        column = _column(inside, x + _PAD, top + _HEAD, high)
        height = _HEAD + max(1, len(inside)) * (high + _GAP) - _GAP + _PAD
        if name != OUTSIDE:
            boxes[name] = Spot(x, top, WIDE + 2 * _PAD, height)
        nodes |= column
        top += height + _GAP
    return nodes, boxes


def _home(node: Node, of: Picture) -> str:
    return next((each for each in node.networks if each in of.networks), OUTSIDE)
