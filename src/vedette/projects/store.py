"""The only SQL of projects."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError

from vedette.core.errors import Conflict
from vedette.plumbing.db.sql import executemany, rows, transaction
from vedette.projects.models import KeyRow, ProjectRow, SeenRow, UsageRow
from vedette.projects.types import LEFT_OUT, DsnKey, LeftOut, NotKept, Project, ScrubRules, Seen, UsageCount

_ADD_USAGE = (
    "INSERT INTO projects_usage (project_id, day, item_type, outcome, count)"
    " SELECT p.id, %s, %s, %s, %s FROM projects_project p WHERE p.id = %s"
    " ON CONFLICT (project_id, day, item_type, outcome) DO UPDATE SET count = count + excluded.count"
)
_SEE = (
    "INSERT INTO projects_seen (project_id, kind, name, first_at, last_at) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT (project_id, kind, name) DO UPDATE SET last_at = max(last_at, excluded.last_at)"
    " WHERE excluded.last_at > last_at + 60"
)


def projects() -> tuple[Project, ...]:
    """Return every project by name."""
    names = ", ".join(Project.__struct_fields__)
    return tuple(rows(Project, f"SELECT {names} FROM projects_project ORDER BY name, id"))  # noqa: S608 - names of our own


def find(slug_or_id: str | int) -> Project | None:
    """Return the project with this slug or id."""
    by_id = isinstance(slug_or_id, int) or (slug_or_id.isascii() and slug_or_id.isdigit())
    if by_id and len(str(slug_or_id)) > 18:
        return None
    row = ProjectRow.objects.filter(**({"id": int(slug_or_id)} if by_id else {"slug": slug_or_id})).first()
    return _project(row) if row else None


def slugs() -> frozenset[str]:
    """Return every slug in use."""
    return frozenset(ProjectRow.objects.values_list("slug", flat=True))


def add_project(slug: str, name: str, platform: str, now: float) -> Project:
    """Insert a project; raises `Conflict` when the slug is taken."""
    try:
        with transaction():
            row = ProjectRow.objects.create(slug=slug, name=name, platform=platform, created_at=now)
    except IntegrityError:
        raise Conflict(f"The slug {slug} is taken; choose another.") from None
    return _project(row)


def change_project(project_id: int, fields: Mapping[str, Any]) -> None:
    """Write columns of a project."""
    ProjectRow.objects.filter(id=project_id).update(**fields)


def delete_project(project_id: int) -> None:
    """Delete a project and what hangs on it."""
    ProjectRow.objects.filter(id=project_id).delete()


def keys(project_id: int | None = None, *, active_only: bool = False) -> tuple[DsnKey, ...]:
    """Return keys, oldest first."""
    rows = KeyRow.objects.order_by("id")
    if project_id is not None:
        rows = rows.filter(project_id=project_id)
    if active_only:
        rows = rows.filter(active=True)
    return tuple(_key(row) for row in rows)


def find_key(project_id: int, key_id: int) -> DsnKey | None:
    """Return one key of a project."""
    if not 0 < key_id < 2**63:
        return None
    row = KeyRow.objects.filter(project_id=project_id, id=key_id).first()
    return _key(row) if row else None


def add_key(key: DsnKey) -> DsnKey:
    """Insert a key; its `id` is ignored and assigned."""
    row = KeyRow.objects.create(
        project_id=key.project,
        public=key.public,
        label=key.label,
        active=key.active,
        origins=list(key.origins),
        per_minute=key.per_minute,
        per_day=key.per_day,
        created_at=key.created_at,
    )
    return _key(row)


def change_key(key_id: int, fields: Mapping[str, Any]) -> None:
    """Write columns of a key."""
    KeyRow.objects.filter(id=key_id).update(**fields)


def touch_keys(used: Mapping[str, float]) -> None:
    """Remember when keys were last used."""
    statement = "UPDATE projects_key SET last_used_at = %s WHERE public = %s"
    with transaction():
        executemany(statement, [(at, public) for public, at in used.items()])


def scrub_rules(project_id: int) -> ScrubRules | None:
    """Return a project's scrub rules."""
    row = ProjectRow.objects.filter(id=project_id).first()
    if row is None:
        return None
    return ScrubRules(tuple(row.extra_keys), tuple(row.safe_keys), row.mask_addresses, row.scrub_defaults)


def see(project_id: int, kind: str, names: Iterable[str], now: float) -> None:
    """Remember names events mentioned; a name seen within the last minute costs no write."""
    rows = [(project_id, kind, name[:200], now, now) for name in names]
    executemany(_SEE, rows)


def seen(project_id: int | None, kind: str, n: int) -> tuple[Seen, ...]:
    """Return names of a kind, newest first."""
    rows = SeenRow.objects.filter(kind=kind).order_by("-last_at", "name")
    if project_id is not None:
        rows = rows.filter(project_id=project_id)
    return tuple(Seen(row.name, row.first_at, row.last_at) for row in rows[:n])


def seen_one(project_id: int, kind: str, name: str) -> Seen | None:
    """Return one name of a kind."""
    row = SeenRow.objects.filter(project_id=project_id, kind=kind, name=name[:200]).first()
    return Seen(row.name, row.first_at, row.last_at) if row else None


def add_usage(rows: Sequence[UsageCount]) -> None:
    """Add to the counts; rows of projects that are gone are let go."""
    values = [(r.day, r.item_type[:40], r.outcome, r.count, r.project) for r in rows]
    with transaction():
        executemany(_ADD_USAGE, values)


def usage(project_id: int | None, since_day: str) -> tuple[UsageCount, ...]:
    """Return counts from a day on, newest day first."""
    rows = UsageRow.objects.filter(day__gte=since_day).order_by("-day", "item_type", "outcome")
    if project_id is not None:
        rows = rows.filter(project_id=project_id)
    return tuple(UsageCount(r.project_id, r.day, r.item_type, r.outcome, r.count) for r in rows)


def not_kept(project_id: int, n: int) -> tuple[NotKept, ...]:
    """Return what no room keeps, newest day first, most first within a day."""
    rows = UsageRow.objects.filter(project_id=project_id, outcome="not_kept").order_by("-day", "-count")[:n]
    return tuple(NotKept(r.day, r.item_type, r.count) for r in rows)


def left_out(project_id: int, n: int) -> tuple[LeftOut, ...]:
    """Return what was refused or left out on purpose, newest day first, most first within a day."""
    rows = UsageRow.objects.filter(project_id=project_id, outcome__in=LEFT_OUT).order_by("-day", "-count")[:n]
    return tuple(LeftOut(r.day, r.item_type, LEFT_OUT[r.outcome], r.count) for r in rows)


def drop_usage_before(day: str) -> int:
    """Delete counts older than a day."""
    return UsageRow.objects.filter(day__lt=day).delete()[0]


def _project(row: ProjectRow) -> Project:
    return Project(row.id, row.slug, row.name, row.platform, row.created_at)


def _key(row: KeyRow) -> DsnKey:
    return DsnKey(
        id=row.pk,
        project=row.project_id,
        public=row.public,
        label=row.label,
        active=row.active,
        origins=tuple(row.origins),
        per_minute=row.per_minute,
        per_day=row.per_day,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        replaced_at=row.replaced_at,
    )
