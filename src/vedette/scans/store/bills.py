"""SQL of bills: what a target was made of, once for each digest and release."""

from collections.abc import Sequence

import msgspec
import zstandard

from vedette.core.errors import NotFound
from vedette.plumbing.db import sql
from vedette.scans.models import BillRow
from vedette.scans.types import Bill
from vedette.wire.scan import Component

KEPT = 50
MOST_BYTES = 64 * 1024 * 1024
_COLUMNS = "id, target, release, at, seen_at, digest, n"
_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(tuple[Component, ...])


def keep(target: int, release: str, digest: str, components: Sequence[Component], now: float) -> None:
    """Keep what a target is made of; the same of the same release is noted as seen again, the oldest go."""
    known = BillRow.objects.filter(target=target, release=release, digest=digest)
    if known.update(seen_at=now):
        return
    body = zstandard.compress(_ENCODER.encode(tuple(components)))
    BillRow.objects.create(
        target=target, release=release, at=now, seen_at=now, digest=digest, n=len(components), body=body
    )
    kept = (
        BillRow.objects.filter(target=target).order_by("-seen_at", "-id").values_list("id", flat=True)[:KEPT]
    )
    BillRow.objects.filter(target=target).exclude(id__in=list(kept)).delete()


def get(number: int) -> Bill:
    """Return a bill; raises `NotFound`."""
    found = sql.row(_bill, f"SELECT {_COLUMNS} FROM scans_bill WHERE id = %s", [number])  # noqa: S608 - our columns
    if found is None:
        raise NotFound(f"There is no bill {number}.")
    return found


def of_target(target: int) -> list[Bill]:
    """Return the bills of a target, the one that was seen last first."""
    where = f"SELECT {_COLUMNS} FROM scans_bill WHERE target = %s ORDER BY seen_at DESC, id DESC LIMIT %s"  # noqa: S608 - our columns
    return sql.rows(_bill, where, [target, KEPT])


def components(number: int) -> tuple[Component, ...]:
    """Return what a bill lists; nothing for one that is gone."""
    row = BillRow.objects.filter(id=number).first()
    if row is None:
        return ()
    return _DECODER.decode(zstandard.decompress(bytes(row.body), max_output_size=MOST_BYTES))


def _bill(number: int, target: int, release: str, at: float, seen_at: float, digest: str, n: int) -> Bill:  # noqa: PLR0917 - a row's columns
    return Bill(id=number, target=target, release=release, at=at, seen_at=seen_at, digest=digest, n=n)
