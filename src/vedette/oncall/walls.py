"""Instants by the wall clock of a zone, in words. Pure."""

from vedette.core.zones import local


def told(at: float, now: float, zone: str) -> str:
    """Return an instant by the wall clock of a zone: `18:00` today, `Sat 18:00` within a week, else with the date."""
    moment, today = local(at, zone), local(now, zone)
    days = (moment.date() - today.date()).days
    if days == 0:
        return f"{moment:%H:%M}"
    year = f" {moment.year}" if moment.year != today.year else ""
    return (
        f"{moment:%a %H:%M}"
        if 0 < days < 7
        else f"{moment:%a} {moment.day} {moment:%b}{year}, {moment:%H:%M}"
    )
