"""SQL of status pages and their components."""

from collections.abc import Sequence

from django.db import IntegrityError
from django.db.models import QuerySet

from vedette.core.errors import Conflict
from vedette.plumbing.db.faults import guarded
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports
from vedette.status.models import (
    AffectedRow,
    ComponentRow,
    IncidentRow,
    PageRow,
    SubscriberRow,
    UpdateRow,
)
from vedette.status.types import Component, StatusPage, StatusPageDraft

_PURPOSE = "status.password"
_TAKEN = "Another page has this slug or this domain; choose another."


def every() -> tuple[StatusPage, ...]:
    """Return every page, by title."""
    return _pages(PageRow.objects.order_by("title", "id"))


def find(slug: str) -> StatusPage | None:
    """Return the page of a slug."""
    return next(iter(_pages(PageRow.objects.filter(slug=slug))), None)


def by_id(page: int) -> StatusPage | None:
    """Return a page by its id."""
    return next(iter(_pages(PageRow.objects.filter(pk=page))), None)


@guarded()
def count() -> int:
    """Return how many pages there are."""
    return PageRow.objects.count()


@guarded()
def password(page: int) -> str:
    """Return the hash of a page's password, empty for a public page."""
    return PageRow.objects.filter(pk=page).values_list("password", flat=True).first() or ""


def add(draft: StatusPageDraft, hashed: str, now: float) -> int:
    """Insert a page and return its id; raises `Conflict` for a slug or domain that is taken."""
    try:
        with transaction():
            row = PageRow.objects.create(**_columns(draft), password=hashed, created_at=now, updated_at=now)
    except IntegrityError:
        raise Conflict(_TAKEN) from None
    _set_components(row.id, draft.components)
    return row.id


def change(page: int, draft: StatusPageDraft, hashed: str | None, now: float) -> None:
    """Overwrite a page, its password where there is a new one; raises `Conflict` for a slug or domain that is taken."""
    new = {} if hashed is None else {"password": hashed}
    try:
        with transaction():
            PageRow.objects.filter(pk=page).update(**_columns(draft), **new, updated_at=now)
    except IntegrityError:
        raise Conflict(_TAKEN) from None
    _set_components(page, draft.components)


def remove(page: int) -> None:
    """Delete a page with all that belongs to it, in the caller's transaction."""
    incidents = list(IncidentRow.objects.filter(page=page).values_list("id", flat=True))
    UpdateRow.objects.filter(incident__in=incidents).delete()
    AffectedRow.objects.filter(incident__in=incidents).delete()
    for table in (IncidentRow, ComponentRow, SubscriberRow):
        table.objects.filter(page=page).delete()
    PageRow.objects.filter(pk=page).delete()


def _set_components(page: int, wanted: Sequence[Component]) -> None:
    """Write the components in their order; one that stays keeps its id, and so the incidents that are about it."""
    gone = ComponentRow.objects.filter(page=page).exclude(monitor__in=[one.monitor for one in wanted])
    AffectedRow.objects.filter(component__in=list(gone.values_list("id", flat=True))).delete()
    gone.delete()
    for place, one in enumerate(wanted):
        ComponentRow.objects.update_or_create(
            page=page,
            monitor=one.monitor,
            defaults={"name": one.name, "section": one.section, "place": place},
        )


def _columns(draft: StatusPageDraft) -> dict[str, str | bool]:
    return {
        "slug": draft.slug, "title": draft.title, "text": draft.text, "domain": draft.domain, "frames": draft.frames,
        "windows": draft.windows, "enabled": draft.enabled,
    }  # fmt: skip


@guarded()
def _pages(found: "QuerySet[PageRow]") -> tuple[StatusPage, ...]:
    rows = list(found)
    components: dict[int, list[ComponentRow]] = {row.id: [] for row in rows}
    for one in ComponentRow.objects.filter(page__in=components.keys()).order_by("place", "id"):
        components[one.page].append(one)
    return tuple(_page(row, components[row.id]) for row in rows)


def _page(row: PageRow, components: Sequence[ComponentRow]) -> StatusPage:
    return StatusPage(
        id=row.id, slug=row.slug, title=row.title, text=row.text, domain=row.domain, frames=row.frames,
        windows=row.windows, enabled=row.enabled,
        stamp=ports().seal.mark(f"{row.id}:{row.password}", _PURPOSE) if row.password else "",
        components=tuple(
            Component(id=one.id, monitor=one.monitor, name=one.name, section=one.section) for one in components
        ),
        created_at=row.created_at, updated_at=row.updated_at,
    )  # fmt: skip
