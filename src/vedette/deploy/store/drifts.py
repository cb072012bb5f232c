"""SQL of drifts."""

from collections.abc import Collection

import msgspec
from django.db.models import Count

from vedette.deploy.models import DriftRow
from vedette.deploy.types import Drift, DriftState, KeptDrift, Line, Side, Way
from vedette.wire.infra import Ref


def open_of(project: int) -> list[KeptDrift]:
    """Return the drifts of a project that are there, by thing."""
    rows = DriftRow.objects.filter(project=project, state=DriftState.OPEN.value).order_by("kind", "name")
    return [_kept(row) for row in rows]


def counted() -> dict[int, int]:
    """Return how many drifts are there, by project."""
    rows = DriftRow.objects.filter(state=DriftState.OPEN.value).values_list("project").annotate(n=Count("id"))
    return dict(rows)


def page(project: int, before: tuple[float, int] | None, n: int) -> list[KeptDrift]:
    """Return drifts of a project that are over, the one that ended last first, past (`ended_at`, id)."""
    rows = DriftRow.objects.filter(project=project).exclude(state=DriftState.OPEN.value)
    if before is not None:
        rows = rows.filter(ended_at__lte=before[0]).exclude(ended_at=before[0], id__gte=before[1])
    return [_kept(row) for row in rows.order_by("-ended_at", "-id")[:n]]


def add(project: int, drift: Drift, now: float) -> KeptDrift:
    """Insert a drift that is there from now on."""
    return _kept(DriftRow.objects.create(project=project, told_at=now, **_columns(drift)))


def change(number: int, drift: Drift) -> None:
    """Write a drift that is there as it is now; since when it is there stays, unless Hetzner tells now."""
    columns = _columns(drift)
    columns.pop("until")
    if not drift.when:
        columns.pop("since")
    DriftRow.objects.filter(id=number).update(**columns)


def end(numbers: Collection[int], state: DriftState, now: float) -> None:
    """Note what became of drifts."""
    DriftRow.objects.filter(id__in=numbers).update(state=state.value, ended_at=now)


def drop_before(at: float) -> int:
    """Delete drifts that ended before an instant; return how many."""
    return DriftRow.objects.filter(ended_at__lt=at).delete()[0]


def _columns(drift: Drift) -> dict[str, object]:
    return {
        "kind": drift.ref.kind, "name": drift.ref.name[:200], "way": drift.way.value, "side": drift.side.value,
        "lines": msgspec.to_builtins(drift.lines), "since": drift.when or drift.after, "until": drift.until, "by": drift.by[:150],
        "command": drift.command[:200],
    }  # fmt: skip


def _kept(row: DriftRow) -> KeptDrift:
    return KeptDrift(
        id=row.id, project=row.project, ref=Ref(row.kind, row.name), way=Way(row.way), side=Side(row.side),
        lines=msgspec.convert(row.lines, tuple[Line, ...]), since=row.since, until=row.until, by=row.by, command=row.command,
        state=DriftState(row.state), told_at=row.told_at, ended_at=row.ended_at,
    )  # fmt: skip
