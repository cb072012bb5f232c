"""Whom escalations paged, and when: asked of on-call as soon as that is there."""

from importlib import import_module
from importlib.util import find_spec

_FACE = "vedette.oncall.service"


def pages(start: float, end: float) -> tuple[tuple[int, float], ...]:
    """Return (user's id, instant) of the pages in `start` <= t < `end`."""
    ask = getattr(import_module(_FACE), "pages", None) if find_spec(_FACE) else None
    return tuple((page.user, page.at) for page in ask(start, end)) if ask else ()
