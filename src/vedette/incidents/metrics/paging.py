"""Whom escalations paged, and when."""

from vedette.oncall import service as oncall


def pages(start: float, end: float) -> tuple[tuple[int, float], ...]:
    """Return (user's id, instant) of the pages in `start` <= t < `end`."""
    return tuple((page.user, page.at) for page in oncall.pages(start, end))
