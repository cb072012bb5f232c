"""Gatus' maintenance windows: `start`, `duration`, `timezone`, `every`."""

from vedette.monitors.ascode.timing import DAYS
from vedette.monitors.ascode.written import MaintenanceText
from vedette.monitors.importing.fields import Fields
from vedette.wire.ascode import lengths


def window(said: Fields) -> MaintenanceText | None:
    """Return a window; None where there is none, or where it cannot be carried (which is reported)."""
    start, zone = said.text("start"), said.text("timezone", "UTC")
    length, days = said.span("duration", 0.0), said.texts("every")
    if not said.truth("enabled", default=True) or not start:
        return None
    known = tuple(day[:3].lower() for day in days if day[:3].lower() in DAYS)
    if len(known) != len(days) or not length:
        said.drop("Not carried: a maintenance needs days of the week and a duration.")
        return None
    return MaintenanceText(days=known or DAYS, start=start, length=lengths.written(length), zone=zone)
