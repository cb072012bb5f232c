"""Uptime Kuma: its database (`kuma.db` of versions 1 and 2) and the JSON backup of version 1.

The columns are those of db/knex_init_db.js, db/old_migrations and db/knex_migrations of
https://github.com/louislam/uptime-kuma; a backup has the same names in another case.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from vedette.monitors.ascode.written import MaintenanceText
from vedette.monitors.importing.fields import RULES, Fields, id_of
from vedette.monitors.importing.formats.uptime_kuma import maintenance, monitor
from vedette.monitors.importing.formats.uptime_kuma.monitor import Around
from vedette.monitors.importing.port import Carried, Found, Given, Left, Path

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PAGES = "Status pages are made in Vedette."
Rows = Mapping[str, Sequence[Mapping[str, object]]]


class UptimeKumaFormat:
    """Implements `port.Format`."""

    name: ClassVar[str] = "uptime-kuma"
    label: ClassVar[str] = "Uptime Kuma"

    def recognises(self, given: Given) -> bool:
        """Tell by the table of monitors, or the list of a backup."""
        if not isinstance(given.said, Mapping):
            return False
        if given.database:
            rows = given.said.get("monitor")
            return rows is not None and (not rows or "accepted_statuscodes_json" in rows[0])
        return isinstance(given.said.get("monitorList"), list)

    def read(self, given: Sequence[Given], environment: Mapping[str, str]) -> Found:  # noqa: ARG002
        """Return a monitor for each of Kuma's that Vedette has a check for."""
        left: list[Left] = []
        carried = [each for one in given for each in (_database if one.database else _backup)(one, left)]
        return Found(tuple(carried), tuple(left))


def _database(given: Given, left: list[Left]) -> list[Carried]:
    rows: Rows = given.said if isinstance(given.said, dict) else {}
    tables = {table: [_row(given, table, row, left) for row in found] for table, found in rows.items()}
    windows = _windows(rows, tables.get("maintenance", []))
    found = _monitors(
        tables.get("monitor", []),
        Around(_tags(rows), _groups(rows), _by_id(tables.get("proxy", [])), windows),
    )
    for page in tables.get("status_page", []):
        page.drop(_PAGES)
    for channel in tables.get("notification", []):
        channel.drop(RULES)
    return found


def _backup(given: Given, left: list[Left]) -> list[Carried]:
    top = Fields.of(given, given.said, left)
    named = [_snake(each) if isinstance(each, Mapping) else {} for each in top.listed("monitorList")]
    monitors = [Fields(each, _within(given, ("monitorList", n)), left) for n, each in enumerate(named)]
    proxies = [Fields(_snake(dict(_items(each))), given.place, left) for each in top.rows("proxyList")]
    groups = {id_of(each.get("id")): str(each.get("name") or "") for each in named}
    found = _monitors(monitors, Around({}, groups, _by_id(proxies), {}))
    for channel in top.rows("notificationList"):
        channel.drop(RULES)
    top.skip("version")
    top.done()
    return found


def _monitors(monitors: Sequence[Fields], around: Around) -> list[Carried]:
    return [made for each in monitors if (made := monitor.read(each, around)) is not None]


def _windows(rows: Rows, found: Sequence[Fields]) -> dict[str, list[MaintenanceText]]:
    """Return the maintenances of each monitor."""
    made: dict[str, MaintenanceText | None] = {}
    chosen = {id_of(link.get("maintenance_id")) for link in rows.get("monitor_maintenance", ())}
    for each in found:
        key = each.id("id")
        if key not in chosen:
            each.drop("Not carried: it belongs to no monitor.")
        else:
            made[key] = maintenance.window(each)
    windows: dict[str, list[MaintenanceText]] = {}
    for link in rows.get("monitor_maintenance", ()):
        window = made.get(id_of(link.get("maintenance_id")))
        if window is not None:
            windows.setdefault(id_of(link.get("monitor_id")), []).append(window)
    return windows


def _tags(rows: Rows) -> dict[str, list[str]]:
    names = {id_of(row.get("id")): str(row.get("name") or "") for row in rows.get("tag", ())}
    found: dict[str, list[str]] = {}
    for link in rows.get("monitor_tag", ()):
        told = ":".join(
            part for part in (names.get(id_of(link.get("tag_id")), ""), str(link.get("value") or "")) if part
        )
        found.setdefault(id_of(link.get("monitor_id")), []).append(told)
    return found


def _groups(rows: Rows) -> dict[str, str]:
    return {id_of(row.get("id")): str(row.get("name") or "") for row in rows.get("monitor", ())}


def _by_id(rows: Sequence[Fields]) -> dict[str, Fields]:
    return {row.id("id"): row for row in rows}


def _row(given: Given, table: str, row: Mapping[str, object], left: list[Left]) -> Fields:
    name = row.get("name") or row.get("title") or ""
    head = f"{given.name} {table} {row.get('id')}" + (f" “{str(name)[:60]}”" if name else "")
    return Fields(row, lambda path: " ".join([head, *map(str, path)]), left)


def _within(given: Given, base: Path) -> Callable[[Path], str]:
    return lambda path: given.place((*base, *path))


def _items(said: Fields) -> list[tuple[str, object]]:
    return [(key, said.peek(key)) for key in said.names()]


def _snake(said: Mapping[str, object]) -> dict[str, object]:
    """Return the keys of a backup as the columns of the database are called."""
    return {_HUMP.sub("_", str(key)).lower(): value for key, value in said.items()}


FORMAT = UptimeKumaFormat()
