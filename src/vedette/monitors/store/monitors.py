"""SQL of monitors themselves."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from django.db import IntegrityError
from django.db.models import Q

from vedette.core.errors import Conflict
from vedette.monitors.models import (
    ChangeRow,
    DayRow,
    HourRow,
    MinutesRow,
    MonitorRow,
    ResultRow,
    StandingRow,
)
from vedette.monitors.types import HERE, Config, Monitor
from vedette.plumbing.db.sql import batched, transaction

_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(Config).decode
_LONGEST_ID = 18
_OF_MONITOR = (StandingRow, ChangeRow, ResultRow, MinutesRow, HourRow, DayRow)


def add(monitor: Monitor, secrets: str) -> Monitor:
    """Insert a monitor and return it with its id; raises `Conflict` when its slug is taken."""
    try:
        with transaction():
            row = MonitorRow.objects.create(
                key=monitor.key, project=monitor.project, slug=monitor.slug, kind=monitor.kind,
                created_at=monitor.created_at, secrets=secrets, **_columns(monitor),
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(f"There is a monitor {monitor.slug} already; choose another slug.") from None
    return _monitor(row)


def change(monitor: Monitor, secrets: str | None = None) -> None:
    """Overwrite what may change of a monitor; its secrets stay when there are none."""
    sealed = {} if secrets is None else {"secrets": secrets}
    MonitorRow.objects.filter(pk=monitor.id).update(**_columns(monitor), **sealed)


def remove(going: Collection[int]) -> None:
    """Delete monitors and all that core.db keeps of them, in the caller's transaction; nothing depends on them any more."""
    _orphan(frozenset(going))
    for part in batched(tuple(going)):
        for table in _OF_MONITOR:
            table.objects.filter(monitor__in=part).delete()
        MonitorRow.objects.filter(pk__in=part).delete()


def children(parent: int) -> tuple[Monitor, ...]:
    """Return the monitors that depend on one."""
    return tuple(by_ids([child for child, named in parents().items() if parent in named]).values())


def depend(child: Monitor, wanted: Iterable[int]) -> None:
    """Let a monitor depend on others, and on no more; in the caller's transaction."""
    config = msgspec.structs.replace(child.config, parents=tuple(wanted))
    change(msgspec.structs.replace(child, config=config))


def _orphan(going: frozenset[int]) -> None:
    orphans = [child for child, named in parents().items() if child not in going and going & {*named}]
    for child in by_ids(orphans).values():
        depend(child, (one for one in child.config.parents if one not in going))


def of_project(project: int) -> tuple[int, ...]:
    """Return the ids of a project's monitors."""
    return tuple(MonitorRow.objects.filter(project=project).values_list("id", flat=True))


def count(project: int | None = None) -> int:
    """Return how many monitors there are, of a project or in all."""
    rows = MonitorRow.objects.all() if project is None else MonitorRow.objects.filter(project=project)
    return rows.count()


def every() -> tuple[Monitor, ...]:
    """Return every monitor, by name."""
    return tuple(_monitor(row) for row in MonitorRow.objects.order_by("name", "id"))


def page(after: tuple[str, int] | None, n: int, project: int | None, kind: str | None) -> tuple[Monitor, ...]:
    """Return up to `n` monitors by slug, after a place (slug, id)."""
    rows = MonitorRow.objects.order_by("slug", "id")
    if project is not None:
        rows = rows.filter(project=project)
    if kind:
        rows = rows.filter(kind=kind)
    if after is not None:
        rows = rows.filter(slug__gte=after[0]).exclude(slug=after[0], id__lte=after[1])
    return tuple(_monitor(row) for row in rows[:n])


def by_ids(ids: Collection[int]) -> Mapping[int, Monitor]:
    """Return monitors by id."""
    return {row.id: _monitor(row) for row in MonitorRow.objects.filter(pk__in=list(ids))}


def by_keys(keys: Collection[str]) -> Mapping[str, Monitor]:
    """Return monitors by the key of their heartbeats."""
    return {row.key: _monitor(row) for row in MonitorRow.objects.filter(key__in=list(keys))}


def by_slugs(named: Collection[tuple[int, str]]) -> Mapping[tuple[int, str], Monitor]:
    """Return monitors by project and slug."""
    slugs = [slug for _, slug in named]
    rows = MonitorRow.objects.filter(slug__in=slugs)
    return {(row.project, row.slug): _monitor(row) for row in rows if (row.project, row.slug) in named}


def named(key: str) -> tuple[Monitor, ...]:
    """Return the monitors of a slug, or the one of an id."""
    by_id = key.isascii() and key.isdigit() and len(key) <= _LONGEST_ID
    rows = MonitorRow.objects.filter(pk=int(key)) if by_id else MonitorRow.objects.filter(slug=key)
    return tuple(_monitor(row) for row in rows.order_by("id"))


def slugs(project: int) -> frozenset[str]:
    """Return the slugs that are taken in a project."""
    return frozenset(MonitorRow.objects.filter(project=project).values_list("slug", flat=True))


def ping_keys(kind: str) -> Sequence[tuple[str, int]]:
    """Return the key and the project of each monitor of a kind."""
    return list(MonitorRow.objects.filter(kind=kind).values_list("key", "project"))


def changed_at(but: str, place: str = "") -> Mapping[int, float]:
    """Return when each monitor that is not paused, not of one kind, and checked from a place was last changed."""
    rows = MonitorRow.objects.filter(paused=False).exclude(kind=but)
    named = Q(locations__contains=f" {place or HERE} ")
    rows = rows.filter(named if place else named | Q(locations=""))
    return dict(rows.values_list("id", "updated_at"))


def parents() -> Mapping[int, tuple[int, ...]]:
    """Return on which monitors each depends."""
    found = {row.id: _DECODE(bytes(row.config)).parents for row in MonitorRow.objects.only("id", "config")}
    return {monitor: named for monitor, named in found.items() if named}


def canaries() -> frozenset[int]:
    """Return the monitors of addresses that are there whenever the Internet is."""
    rows = MonitorRow.objects.filter(paused=False, canary=True)
    return frozenset(rows.values_list("id", flat=True))


def secrets(monitor: int) -> str:
    """Return the sealed secrets of a monitor, empty when it has none."""
    return MonitorRow.objects.filter(pk=monitor).values_list("secrets", flat=True).first() or ""


def _columns(monitor: Monitor) -> dict[str, str | bytes | bool | float]:
    return {
        "name": monitor.name, "config": _ENCODE(monitor.config), "paused": monitor.paused, "source": monitor.source,
        "canary": monitor.config.canary, "tags": _spaced(monitor.config.tags), "locations": _spaced(monitor.config.locations),
        "updated_at": monitor.updated_at,
    }  # fmt: skip


def _spaced(words: Sequence[str]) -> str:
    """Return words between spaces, so that each is found whole."""
    return f" {' '.join(words)} " if words else ""


def _monitor(row: MonitorRow) -> Monitor:
    return Monitor(
        id=row.id, key=row.key, project=row.project, slug=row.slug, name=row.name, kind=row.kind,
        config=_DECODE(bytes(row.config)), paused=row.paused, source=row.source, created_at=row.created_at,
        updated_at=row.updated_at,
    )  # fmt: skip
