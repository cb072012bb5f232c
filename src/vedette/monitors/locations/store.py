"""SQL of locations, and of which monitors are checked from one."""

from collections.abc import Collection, Mapping

import msgspec
from django.db import IntegrityError

from vedette.core.errors import Conflict
from vedette.monitors.locations.types import Hearing, Location
from vedette.monitors.models import LocationRow, MonitorRow
from vedette.monitors.store.monitors import by_ids
from vedette.monitors.types import Monitor
from vedette.plumbing.db import sql

_MOST_ORIGINS = 16
_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(dict[str, int]).decode


def add(slug: str, name: str, token: str, hint: str, now: float) -> Location:
    """Insert a location; raises `Conflict` when its slug is taken."""
    try:
        with sql.transaction():
            row = LocationRow.objects.create(
                slug=slug, name=name, token=token, hint=hint, created_at=now, version="", skew=0.0, lost=0,
                told=False, taken="{}",
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(f"There is a location {slug} already; choose another slug.") from None
    return _location(row)


def every() -> tuple[Location, ...]:
    """Return every location, by name."""
    return tuple(_location(row) for row in LocationRow.objects.order_by("name", "id"))


def slugs() -> frozenset[str]:
    """Return the slugs of all locations."""
    return frozenset(LocationRow.objects.values_list("slug", flat=True))


def find(slug: str) -> Location | None:
    """Return the location of a slug."""
    row = LocationRow.objects.filter(slug=slug).first()
    return None if row is None else _location(row)


def by_token(token: str) -> Location | None:
    """Return the location whose token has a digest."""
    row = LocationRow.objects.filter(token=token).first()
    return None if row is None else _location(row)


def renew(slug: str, token: str, hint: str) -> None:
    """Give a location another token."""
    LocationRow.objects.filter(slug=slug).update(token=token, hint=hint)


def remove(slug: str) -> None:
    """Delete a location; nothing is checked from it any more."""
    LocationRow.objects.filter(slug=slug).delete()


def heard(slug: str, hearing: Hearing) -> None:
    """Remember a sign of life; what it does not say stays."""
    told = {
        "version": hearing.version or None,
        "skew": hearing.skew,
        "lost": hearing.lost,
    }
    LocationRow.objects.filter(slug=slug).update(
        heard_at=hearing.at, **{name: value for name, value in told.items() if value is not None}
    )


def tell(slug: str, *, told: bool) -> bool:
    """Remember whether people know of a location's silence; False when it is gone."""
    return bool(LocationRow.objects.filter(slug=slug).update(told=told))


def taken(slug: str, origin: str) -> int:
    """Return up to which number the findings of an origin are recorded, 0 for none."""
    return _taken(slug).get(origin, 0)


def take(slug: str, origin: str, number: int) -> None:
    """Remember up to which number findings are recorded, in the caller's transaction; of the last origins."""
    kept = _taken(slug)
    kept.pop(origin, None)  # so that the one that was heard of longest ago stays first
    kept[origin] = number
    last = dict(list(kept.items())[-_MOST_ORIGINS:])
    LocationRow.objects.filter(slug=slug).update(taken=_ENCODE(last).decode())


def monitors(slug: str) -> tuple[Monitor, ...]:
    """Return the monitors that are checked from a location."""
    return tuple(by_ids(ids_of([slug])).values())


def ids_of(slugs: Collection[str]) -> tuple[int, ...]:
    """Return the ids of the monitors that are checked from one of some locations."""
    found: dict[int, None] = {}
    for slug in slugs:
        rows = MonitorRow.objects.filter(locations__contains=f" {slug} ")
        found |= dict.fromkeys(rows.values_list("id", flat=True))
    return tuple(found)


def counts() -> Mapping[str, int]:
    """Return how many monitors are checked from each location."""
    found: dict[str, int] = {}
    for text in MonitorRow.objects.exclude(locations="").values_list("locations", flat=True):
        for slug in text.split():
            found[slug] = found.get(slug, 0) + 1
    return found


def _taken(slug: str) -> dict[str, int]:
    text = LocationRow.objects.filter(slug=slug).values_list("taken", flat=True).first()
    return _DECODE(text) if text else {}


def _location(row: LocationRow) -> Location:
    return Location(
        id=row.id, slug=row.slug, name=row.name, hint=row.hint, created_at=row.created_at, heard_at=row.heard_at,
        version=row.version, skew=row.skew, lost=row.lost, told=row.told,
    )  # fmt: skip
