"""SQL of acts that were asked for."""

import msgspec

from vedette.backups.models import OrderRow
from vedette.backups.types import Order
from vedette.wire.backup import BackupOrder


def add(order: Order) -> None:
    """Insert an order."""
    OrderRow.objects.create(
        id=order.id, host=order.host, plan=order.plan, asked_at=order.asked_at, until=order.order.until,
        body=msgspec.to_builtins(order.order),
    )  # fmt: skip


def find(number: str) -> Order | None:
    """Return an order by its id."""
    row = OrderRow.objects.filter(id=number).first()
    return None if row is None else _order(row)


def open_of_host(host: int) -> list[Order]:
    """Return what waits on a host or is done there, the oldest first."""
    return [_order(row) for row in OrderRow.objects.filter(host=host, done_at=None).order_by("asked_at")]


def open_of(plan: int) -> list[Order]:
    """Return what waits of a plan, the oldest first."""
    return [_order(row) for row in OrderRow.objects.filter(plan=plan, done_at=None).order_by("asked_at")]


def over(now: float) -> list[Order]:
    """Return orders that nobody began before their end."""
    return [_order(row) for row in OrderRow.objects.filter(done_at=None, until__lt=now).order_by("asked_at")]


def end(number: str, at: float, why: str = "") -> bool:
    """Note that an order is done with, and why where that is no run; tell whether it was open."""
    return OrderRow.objects.filter(id=number, done_at=None).update(done_at=at, why=why[:500]) > 0


def drop_before(at: float) -> int:
    """Delete orders that were done before an instant."""
    return OrderRow.objects.filter(done_at__lt=at).delete()[0]


def _order(row: OrderRow) -> Order:
    return Order(
        id=row.id, host=row.host, plan=row.plan, order=msgspec.convert(row.body, BackupOrder), asked_at=row.asked_at,
        done_at=row.done_at, why=row.why,
    )  # fmt: skip
