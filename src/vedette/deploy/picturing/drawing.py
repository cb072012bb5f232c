"""A picture as SVG text, without style attributes, so that the strict CSP lets it pass; colours are those around it. Pure."""

from collections.abc import Iterator
from html import escape

from vedette.deploy.picturing import telling
from vedette.deploy.picturing.placing import HIGH, Placed, Spot, placed
from vedette.deploy.picturing.seeing import Edge, Node, Picture

_LONGEST = 20
_TEXT = 'fill="currentColor" stroke="none" font-family="system-ui, sans-serif"'


def svg(of: Picture) -> str:
    """Return a picture as an SVG element that may also stand alone as a file; its sentence is its name."""
    at = placed(of)
    inside = "".join([*_boxes(at), *_edges(at), *_nodes(at)])
    size = f"{_n(at.width)} {_n(at.height)}"
    return (
        f'<svg class="infra" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" width="{_n(at.width)}" height="{_n(at.height)}"'
        f' role="img" aria-label="{escape(telling.sentence(of))}" fill="none" stroke="currentColor" stroke-width="1">'
        f'<defs><marker id="infra-tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="currentColor" stroke="none"/></marker></defs>{inside}</svg>'
    )


def _boxes(at: Placed) -> Iterator[str]:
    for name, spot in at.boxes.items():
        label = f"{name} {at.picture.networks[name]}"
        yield f'<rect class="net" {_rect(spot)} rx="8" stroke-dasharray="4 3" stroke-opacity=".6"/>'
        yield _text(spot.x + 10, spot.y + 16, label, 11, "net")


def _nodes(at: Placed) -> Iterator[str]:
    for node in at.picture.nodes:
        spot = at.nodes[node.id]
        yield f'<g class="node {node.kind}"><title>{escape(_told(node))}</title><rect {_rect(spot)} rx="6"/>'
        yield _text(spot.x + 10, spot.y + 19, telling.called(node), 13)
        yield _text(spot.x + 10, spot.y + 36, node.below, 11, "dim") + "</g>"


def _edges(at: Placed) -> Iterator[str]:
    """Yield lines from the right side of one to the left side of another, with the ports above their end."""
    ends: dict[str, int] = {}
    for edge in at.picture.edges:
        start, end = at.nodes[edge.start], at.nodes[edge.end]
        lane = ends[edge.end] = ends.get(edge.end, -1) + 1
        yield _line(edge, start, end, lane)


def _line(edge: Edge, start: Spot, end: Spot, lane: int) -> str:
    x1, y1 = start.x + start.width, start.y + HIGH / 2
    x2, y2 = end.x, end.y + 10 + (lane % 3) * 13
    bend = (x2 - x1) / 2
    tone = ' class="edge wide" stroke-width="2"' if edge.wide else ' class="edge"'
    path = f"M{_n(x1)} {_n(y1)}C{_n(x1 + bend)} {_n(y1)} {_n(x2 - bend)} {_n(y2)} {_n(x2)} {_n(y2)}"
    label = f'<text x="{_n(x2 - 8)}" y="{_n(y2 - 3)}" font-size="10" text-anchor="end" {_TEXT}>{escape(_cut(edge.ports, 24))}</text>'
    return f'<g{tone}><path d="{path}" marker-end="url(#infra-tip)"/>{label}</g>'


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
