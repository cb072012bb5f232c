"""Time zones by name. Pure."""

import datetime as dt
import zoneinfo


def problem(name: str) -> str:
    """Return what is wrong with the name of a zone; empty when it is one."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return f"There is no time zone {name[:60]!r}; write one like Europe/Berlin, or UTC."
    return ""


def zone(name: str) -> dt.tzinfo:
    """Return a zone; UTC as the standard library's own, which spares arithmetic of clock changes."""
    return dt.UTC if name == "UTC" else zoneinfo.ZoneInfo(name)


def local(instant: float, name: str) -> dt.datetime:
    """Return the wall clock of a zone at an instant."""
    return dt.datetime.fromtimestamp(instant, zone(name))
