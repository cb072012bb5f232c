"""A picture as SVG text, without style attributes, so that the strict CSP lets it pass; colours are those around it. Pure."""

from collections.abc import Iterator, Mapping
from html import escape

import msgspec

from vedette.deploy.picturing import telling
from vedette.deploy.picturing.placing import HIGH, Placed, Spot, placed
from vedette.deploy.picturing.seeing import Edge, Node, Picture

_LONGEST = 20
_LONGEST_PORTS = 22
_LANES = 3
_GROUND = "Canvas"
_FONT = "system-ui, sans-serif"
_TEXT = f'fill="currentColor" stroke="none" font-family="{_FONT}"'


def svg(of: Picture, states: Mapping[str, str] = {}) -> str:
    """Return a picture as an SVG element that may also stand alone as a file; its sentence is its name, all of it in words its description.

    `states` are words by server or load balancer (`drifted`, `off`): each is a class of its node, and is said in its title and below its name.
    Lines lie below things, and their ports above both, on the ground of the page (`Canvas`, where no CSS says another).
    """
    at = placed(of)
    lines = _edges(at)
    inside = "".join(
        [
            *_boxes(at),
            *(each.path() for each in lines),
            *_nodes(at, states),
            *(each.label() for each in lines),
        ]
    )
    size = f"{_n(at.width)} {_n(at.height)}"
    return (
        f'<svg class="infra" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="{_n(at.width)}" height="{_n(at.height)}"'
        f' role="img" aria-label="{escape(telling.sentence(of))}" fill="none" stroke="currentColor" stroke-width="1"><desc>{escape(telling.text(of))}</desc>{inside}</svg>'
    )


class _Line(msgspec.Struct, frozen=True):
    """A line from the right side of one thing to the left side of another."""

    edge: Edge
    x1: float
    y1: float
    x2: float
    y2: float

    def path(self) -> str:
        """Return the line and its tip."""
        tone, width = ("edge wide", 2) if self.edge.wide else ("edge", 1)
        bend = (self.x2 - self.x1) / 2
        x2, y1, y2 = _n(self.x2), _n(self.y1), _n(self.y2)
        curve = f"M{_n(self.x1)} {y1}C{_n(self.x1 + bend)} {y1} {_n(self.x2 - bend)} {y2} {x2} {y2}"
        tip = f"M{_n(self.x2 - 7)} {_n(self.y2 - 3.5)}L{x2} {y2}L{_n(self.x2 - 7)} {_n(self.y2 + 3.5)}z"
        return f'<path class="{tone}" d="{curve}" stroke-width="{width}"/><path class="tip" d="{tip}" fill="currentColor"/>'

    def label(self) -> str:
        """Return its ports, before its tip."""
        halo = f'x="{_n(self.x2 - 10)}" y="{_n(self.y2 - 2)}" font-size="10" text-anchor="end" font-family="{_FONT}"'
        ports = escape(_cut(self.edge.ports, _LONGEST_PORTS))
        return f'<text class="ports" {halo} fill="currentColor" stroke="{_GROUND}" stroke-width="3" paint-order="stroke">{ports}</text>'


def _boxes(at: Placed) -> Iterator[str]:
    for name, spot in at.boxes.items():
        label = f"{name} {at.picture.networks[name]}"
        yield f'<rect class="net" {_rect(spot)} rx="8" stroke-dasharray="4 3" stroke-opacity=".6"/>'
        yield _text(spot.x + 10, spot.y + 16, label, 11, "net")


def _nodes(at: Placed, states: Mapping[str, str]) -> Iterator[str]:
    for node in at.picture.nodes:
        spot, words = at.nodes[node.id], sorted({states[name] for name in node.hosts if name in states})
        tones, told = " ".join(["node", node.kind, *words]), ", ".join(filter(None, [_told(node), *words]))
        yield f'<g class="{tones}"><title>{escape(told)}</title><rect {_rect(spot)} rx="6" fill="{_GROUND}"/>'
        yield _text(spot.x + 10, spot.y + 19, telling.called(node), 13)
        yield _text(spot.x + 10, spot.y + 36, ", ".join(words) or node.below, 11, "dim") + "</g>"


def _edges(at: Placed) -> list[_Line]:
    """Return the lines; those that end at one thing end below each other."""
    ends, found = dict[str, int](), list[_Line]()
    for edge in at.picture.edges:
        start, end = at.nodes[edge.start], at.nodes[edge.end]
        lane = ends[edge.end] = ends.get(edge.end, -1) + 1
        found.append(
            _Line(edge, start.x + start.width, start.y + HIGH / 2, end.x, end.y + 10 + (lane % _LANES) * 13)
        )
    return found


def _told(node: Node) -> str:
    networks = f", in {', '.join(node.networks)}" if node.networks else ""
    return f"{telling.called(node)}: {node.below}{networks}"


def _text(x: float, y: float, text: str, size: int, tone: str = "") -> str:
    named = f' class="{tone}"' if tone else ""
    return f'<text{named} x="{_n(x)}" y="{_n(y)}" font-size="{size}" {_TEXT}>{escape(_cut(text))}</text>'


def _cut(text: str, most: int = _LONGEST) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _rect(spot: Spot) -> str:
    return f'x="{_n(spot.x)}" y="{_n(spot.y)}" width="{_n(spot.width)}" height="{_n(spot.height)}"'


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
