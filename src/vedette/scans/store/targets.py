"""SQL of what is scanned, and when."""

import msgspec

from vedette.core.errors import NotFound
from vedette.plumbing.db import sql
from vedette.scans.models import BillRow, ScanRow, TargetRow
from vedette.scans.types import Scan, Target

_KEPT_SCANS = 100


def get(number: int) -> Target:
    """Return a target; raises `NotFound`."""
    row = TargetRow.objects.filter(id=number).first()
    if row is None:
        raise NotFound(f"There is no target {number}.")
    return _target(row)


def find_by(number: int) -> Target | None:
    """Return a target, None for one that is gone."""
    row = TargetRow.objects.filter(id=number).first()
    return None if row is None else _target(row)


def find(scanner: str, target: str, host: int) -> Target | None:
    """Return the target that a scanner and its words name."""
    row = TargetRow.objects.filter(scanner=scanner, target=target, host=host).first()
    return None if row is None else _target(row)


def every(n: int = 1_000) -> list[Target]:
    """Return targets, the oldest first."""
    return [_target(row) for row in TargetRow.objects.order_by("id")[:n]]


def count() -> int:
    """Return how many targets there are."""
    return TargetRow.objects.count()


def of_host(host: int) -> list[Target]:
    """Return the targets that a host's agent looks at."""
    return [_target(row) for row in TargetRow.objects.filter(host=host).order_by("id")]


def of_hosts() -> list[Target]:
    """Return the targets of all hosts."""
    return [_target(row) for row in TargetRow.objects.exclude(host=0).order_by("id")]


def forget_project(project: int) -> None:
    """Have targets, findings and their counts be of no project that were of one which is deleted."""
    for table in ("scans_target", "scans_finding"):
        sql.execute(f"UPDATE {table} SET project = 0 WHERE project = %s", [project])  # noqa: S608 - names of ours
    sql.execute(
        "INSERT INTO scans_tally (state, project, scanner, severity, n)"
        " SELECT state, 0, scanner, severity, n FROM scans_tally WHERE project = %s"
        " ON CONFLICT (state, project, scanner, severity) DO UPDATE SET n = n + excluded.n",
        [project],
    )
    sql.execute("DELETE FROM scans_tally WHERE project = %s", [project])


def add(target: Target) -> Target:
    """Insert a target and return it with its number."""
    row = TargetRow(scanner=target.scanner, target=target.target, host=target.host)
    _fill(row, target)
    row.save()
    return _target(row)


def put(target: Target) -> None:
    """Write a target anew; one that is gone stays gone."""
    TargetRow.objects.filter(id=target.id).update(
        project=target.project, body=_body(target), next_at=target.next_at, running_since=target.running_since,
    )  # fmt: skip


def remove(number: int) -> None:
    """Delete a target with its scans and bills."""
    ScanRow.objects.filter(target=number).delete()
    BillRow.objects.filter(target=number).delete()
    TargetRow.objects.filter(id=number).delete()


def due(now: float, location: str = "") -> Target | None:
    """Return the target that waits longest for a scan from a location (empty: here) that is due and does not run."""
    rows = TargetRow.objects.filter(next_at__lte=now, running_since=None).order_by("next_at")
    return next((_target(row) for row in rows if row.body.get("location", "") == location), None)


def elsewhere() -> list[Target]:
    """Return the targets that are scanned from a location."""
    return [_target(row) for row in TargetRow.objects.filter(host=0) if row.body.get("location")]


def next_due() -> float | None:
    """Return when a target is due next that is scanned from here."""
    row = sql.query_one(
        "SELECT min(next_at) FROM scans_target"
        " WHERE running_since IS NULL AND coalesce(json_extract(body, '$.location'), '') = ''"
    )
    return None if row is None or row[0] is None else float(row[0])


def running() -> list[Target]:
    """Return the targets whose scan runs, or did when the process ended."""
    return [_target(row) for row in TargetRow.objects.exclude(running_since=None)]


def scans(number: int, n: int = 30) -> list[Scan]:
    """Return the scans of a target, newest first."""
    rows = ScanRow.objects.filter(target=number).order_by("-at", "-id")[:n]
    return [msgspec.structs.replace(msgspec.convert(row.body, Scan), id=row.id) for row in rows]


def trim(number: int) -> None:
    """Delete the oldest scans of a target beyond those that are kept."""
    kept = (
        ScanRow.objects.filter(target=number)
        .order_by("-at", "-id")
        .values_list("id", flat=True)[:_KEPT_SCANS]
    )
    ScanRow.objects.filter(target=number).exclude(id__in=list(kept)).delete()


def _fill(row: TargetRow, target: Target) -> None:
    row.project, row.body = target.project, _body(target)
    row.next_at, row.running_since = target.next_at, target.running_since


def _body(target: Target) -> object:
    return msgspec.to_builtins(target)


def _target(row: TargetRow) -> Target:
    return msgspec.structs.replace(
        msgspec.convert({"scanner": row.scanner, "target": row.target, **row.body}, Target), id=row.id, scanner=row.scanner, target=row.target, project=row.project, host=row.host,
        next_at=row.next_at, running_since=row.running_since,
    )  # fmt: skip
