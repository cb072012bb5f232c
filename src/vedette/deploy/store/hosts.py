"""SQL of how hosts are hardened."""

import msgspec

from vedette.deploy.models import HostRow
from vedette.deploy.types import HardenedArea, HardenedHost, HostDrift
from vedette.wire.infra import Told, Waiver
from vedette.wire.witness import Sight


def every() -> list[HardenedHost]:
    """Return all hosts of which something is known, by number."""
    return [_host(row) for row in HostRow.objects.order_by("host")]


def find(host: int) -> HardenedHost:
    """Return how a host is hardened; of one that nothing is known of, that."""
    row = HostRow.objects.filter(host=host).first()
    return HardenedHost(host=host) if row is None else _host(row)


def put(host: HardenedHost) -> None:
    """Write how a host is hardened."""
    told: dict[str, object] = msgspec.to_builtins(host)
    told.pop("host")
    HostRow.objects.update_or_create(host=host.host, defaults=told)


def remove(host: int) -> None:
    """Forget a host that is gone."""
    HostRow.objects.filter(host=host).delete()


def _host(row: HostRow) -> HardenedHost:
    return HardenedHost(
        host=row.host, hardened_at=row.hardened_at, profile=row.profile, score_before=row.score_before, score_after=row.score_after,
        areas=msgspec.convert(row.areas, tuple[HardenedArea, ...]), waived=msgspec.convert(row.waived, tuple[Waiver, ...]),
        drift=msgspec.convert(row.drift, tuple[HostDrift, ...]), left=tuple(row.left), reverted_at=row.reverted_at,
        told=msgspec.convert(row.told, Told) if row.told else None,
        looks=msgspec.convert(row.looks, tuple[Sight, ...]), at=row.at,
    )  # fmt: skip
