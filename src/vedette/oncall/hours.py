"""Does an instant lie in one of the spans of a week, by the wall clock of a zone? Pure."""

from collections.abc import Sequence

from vedette.core import zones
from vedette.oncall.spelling import days
from vedette.oncall.types import Span


def inside(spans: Sequence[Span], zone: str, at: float) -> bool:
    """Tell whether `at` (seconds, UTC) lies in a span; one that ends at or before it starts is the next day's.

    What the clock shows counts: an hour that comes twice lies in a span both times.
    """
    local = zones.local(at, zone)
    today, yesterday, wall = local.weekday(), (local.weekday() - 1) % 7, f"{local:%H:%M}"
    return any(
        (today in span.days and _from_start(span, wall))
        or (yesterday in span.days and _over_midnight(span) and wall < span.end)
        for span in spans
    )


def problem(spans: Sequence[Span], zone: str) -> str:
    """Return what is wrong with spans and their zone, "" when nothing is."""
    if wrong := zones.problem(zone):
        return wrong
    if not spans:
        return "Say at which times: at least one day, and from when to when."
    for span in spans:
        if not span.days or not set(span.days) <= set(range(7)):
            return "At least one day, 0 (Monday) to 6 (Sunday)."
        if not zones.WALL.fullmatch(span.start) or not zones.WALL.fullmatch(span.end):
            return "From and to are times such as 09:00 and 17:30."
    return ""


def spoken(spans: Sequence[Span], zone: str) -> str:
    """Return spans in words: "Mon-Fri from 09:00 to 17:00 (Europe/Berlin)"."""
    parts = [f"{days(span.days)} from {span.start} to {span.end}" for span in spans]
    return f"{' or '.join(parts)} ({zone})"


def _from_start(span: Span, wall: str) -> bool:
    return wall >= span.start and (_over_midnight(span) or wall < span.end)


def _over_midnight(span: Span) -> bool:
    return span.end <= span.start
