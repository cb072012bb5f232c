"""Small pictures for other sites: what works, and how much of the last days. Pure; SVG without style, script or font of its own."""

from html import escape

from vedette.status import showing
from vedette.status.types import ComponentState

COLOURS = {
    ComponentState.WORKS: "#1a7f4b",
    ComponentState.SLOW: "#9a6700",
    ComponentState.DOWN: "#c0362c",
    ComponentState.MAINTENANCE: "#2f6fb0",
    ComponentState.UNKNOWN: "#5f6672",
}
_CHAR, _PAD, _HEIGHT = 6.6, 12, 20


def badge(name: str, word: str, state: ComponentState) -> str:
    """Return a badge of a name and a word in the colour of a state; white text on each is 4.5 : 1 or more."""
    name, word = showing.printable(name), showing.printable(word)
    name = name if len(name) <= 40 else f"{name[:39]}…"
    left, right = round(len(name) * _CHAR + _PAD), round(len(word) * _CHAR + _PAD)
    said = escape(f"{name}: {word}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}" role="img" aria-label="{said}">'
        f'<title>{said}</title><clipPath id="r"><rect width="{left + right}" height="{_HEIGHT}" rx="4"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="{_HEIGHT}" fill="#3b414b"/>'
        f'<rect x="{left}" width="{right}" height="{_HEIGHT}" fill="{COLOURS[state]}"/></g>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="{left / 2:g}" y="14">{escape(name)}</text><text x="{left + right / 2:g}" y="14">{escape(word)}</text></g></svg>'
    )


def of_uptime(share: float | None) -> ComponentState:
    """Return the state in whose colour a share of the last days is shown."""
    if share is None:
        return ComponentState.UNKNOWN
    if share >= 0.999:
        return ComponentState.WORKS
    return ComponentState.SLOW if share >= 0.99 else ComponentState.DOWN
