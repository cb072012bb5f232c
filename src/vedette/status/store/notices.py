"""SQL of incidents and maintenances of pages, and of what was said of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import Q, QuerySet

from vedette.plumbing.db.faults import guarded
from vedette.status.models import AffectedRow, IncidentRow, UpdateRow
from vedette.status.types import Impact, IncidentDraft, NoticeKind, PageIncident, PageUpdate, Progress

_MOST_GOING = 100  # of a page


def add(page: int, draft: IncidentDraft, starts: float) -> int:
    """Insert an incident without updates; return its id."""
    row = IncidentRow.objects.create(
        page=page, kind=str(draft.kind), title=draft.title, impact=str(draft.impact), starts=starts, ends=draft.ends
    )  # fmt: skip
    set_components(row.id, draft.components)
    return row.id


def say(incident: int, update: PageUpdate) -> int:
    """Append an update; return its id."""
    row = UpdateRow.objects.create(
        incident=incident, at=update.at, progress=str(update.progress), text=update.text
    )
    return row.id


def end(incident: int, at: float | None) -> None:
    """Set when an incident is over; None when it goes on again."""
    IncidentRow.objects.filter(pk=incident).update(ends=at)


def change(incident: int, draft: IncidentDraft) -> None:
    """Overwrite title, impact and components; of a maintenance also when it is."""
    columns: dict[str, str | float | None] = {"title": draft.title, "impact": str(draft.impact)}
    if draft.kind is NoticeKind.MAINTENANCE:
        columns |= {"starts": draft.starts, "ends": draft.ends}
    IncidentRow.objects.filter(pk=incident).update(**columns)
    set_components(incident, draft.components)


def set_components(incident: int, components: Iterable[int]) -> None:
    """Write which components an incident is about."""
    AffectedRow.objects.filter(incident=incident).delete()
    AffectedRow.objects.bulk_create([AffectedRow(incident=incident, component=one) for one in components])


def remove(incident: int) -> None:
    """Delete an incident with what was said of it, in the caller's transaction."""
    UpdateRow.objects.filter(incident=incident).delete()
    AffectedRow.objects.filter(incident=incident).delete()
    IncidentRow.objects.filter(pk=incident).delete()


def find(page: int, incident: int) -> PageIncident | None:
    """Return an incident of a page."""
    found = _full(IncidentRow.objects.filter(page=page, pk=incident), 1)
    return found[0] if found else None


@guarded()
def of_update(update: int) -> tuple[PageIncident, PageUpdate] | None:
    """Return the incident an update belongs to, and the update."""
    row = UpdateRow.objects.filter(pk=update).first()
    if row is None:
        return None
    found = _full(IncidentRow.objects.filter(pk=row.incident), 1)
    return (found[0], _update(row)) if found else None


def current(page: int, now: float) -> tuple[PageIncident, ...]:
    """Return the incidents of a page that are not over, those that are planned too, newest first."""
    return current_of([page], now).get(page, ())


def current_of(pages: Collection[int], now: float) -> Mapping[int, tuple[PageIncident, ...]]:
    """Return the incidents of pages that are not over by their page; see `current`."""
    going = IncidentRow.objects.filter(page__in=pages).filter(Q(ends__isnull=True) | Q(ends__gt=now))
    found: dict[int, list[PageIncident]] = {}
    for one in _full(going, _MOST_GOING * len(pages)):
        found.setdefault(one.page, []).append(one)
    return {page: tuple(each[:_MOST_GOING]) for page, each in found.items()}


def past(page: int, now: float, start: float, n: int) -> tuple[PageIncident, ...]:
    """Return up to `n` incidents of a page that are over and began after an instant, newest first."""
    return _full(IncidentRow.objects.filter(page=page, ends__lte=now, starts__gte=start), n)


def listed(page: int, before: tuple[float, int] | None, n: int) -> tuple[PageIncident, ...]:
    """Return up to `n` incidents of a page that come after a place (start, id), newest first."""
    rows = IncidentRow.objects.filter(page=page)
    if before is not None:
        rows = rows.filter(Q(starts__lt=before[0]) | Q(starts=before[0], id__lt=before[1]))
    return _full(rows, n)


@guarded()
def _full(rows: "QuerySet[IncidentRow]", n: int) -> tuple[PageIncident, ...]:
    found = list(rows.order_by("-starts", "-id")[:n])
    ids = [row.id for row in found]
    components, updates = _components(ids), _updates(ids)
    return tuple(
        PageIncident(
            id=row.id, page=row.page, kind=NoticeKind(row.kind), title=row.title, impact=Impact(row.impact),
            starts=row.starts, ends=row.ends, components=tuple(components.get(row.id, ())),
            updates=tuple(updates.get(row.id, ())),
        )
        for row in found
    )  # fmt: skip


def _components(ids: Sequence[int]) -> Mapping[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = AffectedRow.objects.filter(incident__in=ids).order_by("component")
    for incident, component in rows.values_list("incident", "component"):
        found.setdefault(incident, []).append(component)
    return found


def _updates(ids: Sequence[int]) -> Mapping[int, list[PageUpdate]]:
    found: dict[int, list[PageUpdate]] = {}
    for row in UpdateRow.objects.filter(incident__in=ids).order_by("-at", "-id"):
        found.setdefault(row.incident, []).append(_update(row))
    return found


def _update(row: UpdateRow) -> PageUpdate:
    return PageUpdate(id=row.id, at=row.at, progress=Progress(row.progress), text=row.text)
