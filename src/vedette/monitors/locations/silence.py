"""Is a location still heard of? Pure."""

from vedette.core.clock import iso
from vedette.monitors.locations.types import SILENT, Location


def why(one: Location, now: float, since: float) -> str:
    """Return in a sentence that a location is not heard of any more; empty while it is, and before it first was.

    `since` is when this installation began to listen.
    """
    if one.heard_at is None or now - max(one.heard_at, since) <= SILENT:
        return ""
    return f"Location {one.name} has not been heard of since {iso(one.heard_at)[:16].replace('T', ' ')} UTC."
