"""SQL of what copies held when they were last listed, and of what agents propose; a folder that is browsed is kept for a while."""

from collections.abc import Sequence

import msgspec

from vedette.backups.models import ListingRow, OfferRow
from vedette.backups.types import Listing, Offered
from vedette.plumbing.ports import ports
from vedette.wire.backup import Proposals, Shelf, Snapshot

_BROWSED = "backups/browsed/"
_PACK = msgspec.msgpack.Encoder().encode
_SNAPSHOTS = msgspec.msgpack.Decoder(tuple[Snapshot, ...]).decode
_PROPOSALS, _SHELF = msgspec.msgpack.Decoder(Proposals).decode, msgspec.msgpack.Decoder(Shelf).decode


def put(plan: int, copy: str, at: float, snapshots: Sequence[Snapshot]) -> None:
    """Keep what a copy holds."""
    ListingRow.objects.update_or_create(
        plan=plan, copy=copy, defaults={"at": at, "body": _PACK(tuple(snapshots))}
    )


def find(plan: int, copy: str) -> Listing | None:
    """Return what a copy held when it was last listed."""
    row = ListingRow.objects.filter(plan=plan, copy=copy).first()
    return (
        None
        if row is None
        else Listing(plan=plan, copy=copy, at=row.at, snapshots=_SNAPSHOTS(bytes(row.body)))
    )


def offer(host: int, told: Proposals, at: float) -> None:
    """Keep what an agent proposes."""
    OfferRow.objects.update_or_create(host=host, defaults={"at": at, "body": _PACK(told)})


def offered(host: int) -> Offered | None:
    """Return what an agent proposes."""
    row = OfferRow.objects.filter(host=host).first()
    if row is None:
        return None
    told = _PROPOSALS(bytes(row.body))
    return Offered(host=host, at=row.at, found=told.found, engines=told.engines)


def browse(order: str, shelf: Shelf) -> None:
    """Keep what an order to look into a snapshot brought."""
    ports().kv.put(_BROWSED + order, _PACK(shelf))


def browsed(order: str) -> Shelf | None:
    """Return what an order to look into a snapshot brought."""
    held = ports().kv.get(_BROWSED + order)
    return _SHELF(held.value) if held is not None and held.value is not None else None


def forget(order: str) -> None:
    """Forget what was browsed."""
    ports().kv.delete(_BROWSED + order)
