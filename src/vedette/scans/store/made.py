"""SQL of the scans that were made, and of the target that each is of."""

from collections.abc import Iterable, Mapping

import msgspec

from vedette.core.errors import NotFound
from vedette.plumbing.db import sql
from vedette.scans.models import ScanRow, TargetRow
from vedette.scans.types import Outcome, Scan

_OF_HOSTS = ("host", "audit", "drift")  # scanners whose target is a host itself, by its name


class Scanned(msgspec.Struct, frozen=True):
    """What findings keep of their target: its number and name, its project and host (0: none), and the words that say what it is."""

    id: int
    scanner: str
    name: str
    project: int = 0
    host: int = 0
    words: str = ""


def scanned(target: int) -> Scanned:
    """Return a target as findings know it; raises `NotFound`."""
    row = TargetRow.objects.filter(id=target).first()
    if row is None:
        raise NotFound(f"There is no target {target}.")
    return _scanned(row)


def named(targets: Iterable[int]) -> Mapping[int, Scanned]:
    """Return targets by their numbers; those that are gone are left out."""
    return {row.id: _scanned(row) for row in TargetRow.objects.filter(id__in=set(targets))}


def hosts(numbers: Iterable[int]) -> Mapping[int, str]:
    """Return the names of hosts by their numbers, as the targets that tell of a whole host have them."""
    rows = TargetRow.objects.filter(host__in=set(numbers), scanner__in=_OF_HOSTS).order_by("-id")
    return {row.host: row.target for row in rows}


def every(n: int = 200) -> list[Scanned]:
    """Return targets by name: what a list of findings can be narrowed to."""
    return sorted((_scanned(row) for row in TargetRow.objects.order_by("id")[:n]), key=lambda one: one.name)


def last_outcome(target: int) -> Outcome | None:
    """Return what the last scan of a target came to."""
    found = sql.query_one(
        "SELECT verdict FROM scans_scan WHERE target = %s ORDER BY at DESC, id DESC LIMIT 1", [target]
    )
    return Outcome(str(found[0])) if found else None


def add(scan: Scan) -> Scan:
    """Insert a scan and return it with its number."""
    row = ScanRow.objects.create(
        target=scan.target, at=scan.at, verdict=scan.outcome.value, body=msgspec.to_builtins(scan)
    )
    return msgspec.structs.replace(scan, id=row.id)


def _scanned(row: TargetRow) -> Scanned:
    name = str(row.body.get("name") or row.target)
    return Scanned(row.id, row.scanner, name, row.project, row.host, row.target)
