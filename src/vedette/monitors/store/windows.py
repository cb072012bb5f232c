"""SQL of maintenances: which monitors have any, and writing those of many at once."""

from collections.abc import Sequence

import msgspec

from vedette.monitors.models import MonitorRow
from vedette.monitors.store.monitors import by_ids
from vedette.monitors.types import Maintenance, Monitor
from vedette.plumbing.db import sql

_ENCODE = msgspec.json.Encoder().encode


def kept(n: int) -> tuple[Monitor, ...]:
    """Return up to `n` monitors that have a maintenance, by name."""
    rows = sql.query(
        "SELECT id FROM monitors_monitor WHERE instr(config, CAST(%s AS BLOB)) > 0 ORDER BY name, id LIMIT %s",
        ('"maintenance":[{', n),
    )
    ids = [int(number or 0) for (number,) in rows]
    known = by_ids(ids)
    return tuple(known[number] for number in ids if number in known)


def having(window: Maintenance) -> tuple[Monitor, ...]:
    """Return every monitor that has a maintenance, by name."""
    rows = sql.query(
        "SELECT id FROM monitors_monitor WHERE instr(config, CAST(%s AS BLOB)) > 0 ORDER BY name, id",
        (_ENCODE(window).decode(),),
    )
    ids = [int(number or 0) for (number,) in rows]
    known = by_ids(ids)
    found = (known[number] for number in ids if number in known)
    return tuple(one for one in found if window in one.config.maintenance)


def change(monitors: Sequence[Monitor]) -> None:
    """Overwrite the configs of monitors, in the caller's transaction."""
    sql.executemany(
        "UPDATE monitors_monitor SET config = %s, updated_at = %s WHERE id = %s",
        [(_ENCODE(one.config), one.updated_at, one.id) for one in monitors],
    )


def of_project(project: int | None) -> tuple[Monitor, ...]:
    """Return every monitor of a project (0 for those of none), or of all."""
    rows = MonitorRow.objects.order_by("name", "id")
    ids = (
        rows.values_list("id", flat=True)
        if project is None
        else rows.filter(project=project).values_list("id", flat=True)
    )
    known = by_ids(list(ids))
    return tuple(known[number] for number in known)
