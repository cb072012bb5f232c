"""SQL of plans."""

from collections.abc import Sequence

import msgspec

from vedette.backups.models import ListingRow, OrderRow, PlanRow, RunRow
from vedette.backups.types import Known
from vedette.core.errors import NotFound
from vedette.wire.backup import Plan


def get(number: int) -> Known:
    """Return a plan; raises `NotFound`."""
    found = find_by(number)
    if found is None:
        raise NotFound(f"There is no plan {number}.")
    return found


def find_by(number: int) -> Known | None:
    """Return a plan, None for one that is gone."""
    row = PlanRow.objects.filter(id=number).first()
    return None if row is None else _known(row)


def find(host: int, name: str) -> Known | None:
    """Return the plan of a host that has a name."""
    row = PlanRow.objects.filter(host=host, name=name).first()
    return None if row is None else _known(row)


def every() -> list[Known]:
    """Return all plans, by host and name."""
    return [_known(row) for row in PlanRow.objects.order_by("host", "name")]


def of_host(host: int) -> list[Known]:
    """Return the plans of a host, by name."""
    return [_known(row) for row in PlanRow.objects.filter(host=host).order_by("name")]


def provers() -> set[str]:
    """Return the names of hosts that prove plans of others."""
    return {name for name in PlanRow.objects.values_list("body__drills__host", flat=True).distinct() if name}


def proven_on(name: str) -> list[Known]:
    """Return the plans that a host proves for others, by the name it has."""
    return [_known(row) for row in PlanRow.objects.filter(body__drills__host=name).order_by("name", "host")]


def count() -> int:
    """Return how many plans there are."""
    return PlanRow.objects.count()


def add(known: Known) -> Known:
    """Insert a plan and return it with its number."""
    row = PlanRow(host=known.host)
    _fill(row, known)
    row.save()
    return _known(row)


def put(known: Known) -> None:
    """Write a plan anew; its host stays."""
    row = PlanRow.objects.filter(id=known.id).first()
    if row is not None:
        _fill(row, known)
        row.save()


def remove(number: int) -> None:
    """Delete a plan with its orders, runs and listings; its secrets stay, for what it stored does."""
    for kind in (OrderRow, RunRow, ListingRow):
        kind.objects.filter(plan=number).delete()
    PlanRow.objects.filter(id=number).delete()


def told() -> dict[int, frozenset[str]]:
    """Return by plan what people were told of it and goes on."""
    return {row.id: frozenset(row.told) for row in PlanRow.objects.exclude(told="")}


def tell(number: int, marks: Sequence[str]) -> None:
    """Remember what people are told of a plan: marks of one letter."""
    PlanRow.objects.filter(id=number).update(told="".join(sorted(marks)))


def _fill(row: PlanRow, known: Known) -> None:
    row.name, row.project, row.body = known.plan.name, known.project, msgspec.to_builtins(known.plan)
    row.by, row.source = known.by[:150], known.source[:200]
    row.changed_at, row.revision = known.changed_at, known.revision


def _known(row: PlanRow) -> Known:
    return Known(
        id=row.id, host=row.host, project=row.project, plan=msgspec.convert(row.body, Plan), by=row.by, source=row.source,
        changed_at=row.changed_at, revision=row.revision,
    )  # fmt: skip
