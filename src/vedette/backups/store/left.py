"""SQL of copies that no plan keeps any more."""

import msgspec

from vedette.backups.models import LeftRow
from vedette.backups.types import Left
from vedette.wire.backup import Plan


def put(left: Left) -> None:
    """Note a copy, in the place of what was noted of it before."""
    LeftRow.objects.update_or_create(
        plan=left.plan, copy=left.copy.name,
        defaults={
            "host": left.host, "host_name": left.host_name[:255], "body": msgspec.to_builtins(left.was), "by": left.by[:150],
            "left_at": left.left_at,
        },
    )  # fmt: skip


def find(plan: int, copy: str) -> Left | None:
    """Return one copy."""
    row = LeftRow.objects.filter(plan=plan, copy=copy).first()
    return None if row is None else _left(row)


def of_host(host: int) -> list[Left]:
    """Return the copies of a host, the last one first."""
    return [_left(row) for row in LeftRow.objects.filter(host=host).order_by("-left_at", "-id")]


def every() -> list[Left]:
    """Return all, the last one first."""
    return [_left(row) for row in LeftRow.objects.order_by("-left_at", "-id")]


def remove(plan: int, copy: str) -> None:
    """Forget that a copy was left."""
    LeftRow.objects.filter(plan=plan, copy=copy).delete()


def _left(row: LeftRow) -> Left:
    was = msgspec.convert(row.body, Plan)
    return Left(
        plan=row.plan, host=row.host, host_name=row.host_name, was=was, by=row.by, left_at=row.left_at
    )
