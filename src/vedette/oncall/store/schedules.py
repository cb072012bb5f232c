"""The SQL of schedules and of covers."""

from collections.abc import Sequence

import msgspec
from django.db import IntegrityError

from vedette.core.errors import Conflict, NotFound
from vedette.oncall.models import CoverRow, PageRow, ScheduleRow
from vedette.oncall.types import Cover, CoverKind, Schedule, ScheduleDraft
from vedette.plumbing.db.sql import transaction

_TOLD = "told"  # gaps that were warned of stand in the body, beside the draft
Gap = tuple[float, float]


def every() -> tuple[Schedule, ...]:
    """Return every schedule, by name."""
    return tuple(_schedule(row) for row in ScheduleRow.objects.order_by("name", "id"))


def find(schedule_id: int) -> Schedule:
    """Return a schedule; raises `NotFound`."""
    return _schedule(_row(schedule_id))


def add(draft: ScheduleDraft, source: str, now: float) -> Schedule:
    """Insert a schedule; raises `Conflict` for a name that is taken."""
    try:
        with transaction():
            row = ScheduleRow.objects.create(
                name=draft.name, body=_body(draft), created_at=now, updated_at=now, source=source
            )
    except IntegrityError:
        raise _taken(draft.name) from None
    return _schedule(row)


def change(schedule_id: int, draft: ScheduleDraft, source: str, now: float) -> Schedule:
    """Write a schedule anew; raises `NotFound`, and `Conflict` for a name that is taken."""
    row = _row(schedule_id)
    row.name, row.source, row.updated_at = draft.name, source, now
    row.body = {**_body(draft), _TOLD: row.body.get(_TOLD, [])}
    try:
        with transaction():
            row.save()
    except IntegrityError:
        raise _taken(draft.name) from None
    return _schedule(row)


def remove(schedule_id: int) -> None:
    """Delete a schedule with its covers and feeds."""
    ScheduleRow.objects.filter(id=schedule_id).delete()


def told(schedule_id: int) -> tuple[Gap, ...]:
    """Return the gaps that were warned of and are not over."""
    return tuple((float(start), float(end)) for start, end in _row(schedule_id).body.get(_TOLD, []))


def set_told(schedule_id: int, gaps: Sequence[Gap]) -> None:
    """Remember which gaps were warned of."""
    row = _row(schedule_id)
    row.body[_TOLD] = [list(gap) for gap in gaps]
    row.save(update_fields=["body"])


def covers(start: float, end: float, schedule_id: int | None = None) -> tuple[Cover, ...]:
    """Return the covers that touch a range, those made first ahead; of one schedule where it is named."""
    rows = CoverRow.objects.filter(starts__lt=end, ends__gt=start)
    if schedule_id is not None:
        rows = rows.filter(schedule_id=schedule_id)
    return tuple(_cover(row) for row in rows.order_by("made_at", "id"))


def cover(cover_id: int) -> Cover:
    """Return a cover; raises `NotFound`."""
    row = CoverRow.objects.filter(id=cover_id).first()
    if row is None:
        raise NotFound("There is no such cover (any more).")
    return _cover(row)


def add_cover(draft: Cover) -> Cover:
    """Insert a cover; its id is given here."""
    row = CoverRow.objects.create(
        schedule_id=draft.schedule, user=draft.user, instead=draft.instead, kind=draft.kind.value, starts=draft.starts,
        ends=draft.ends, reason=draft.reason, made_by=draft.made_by, maker=draft.maker, made_at=draft.made_at,
    )  # fmt: skip
    return _cover(row)


def count_covers(schedule_id: int, after: float) -> int:
    """Return how many covers of a schedule end after an instant."""
    return CoverRow.objects.filter(schedule_id=schedule_id, ends__gt=after).count()


def count_asked(schedule_id: int, maker: int | None, after: float) -> int:
    """Return how many halves of swaps that end after an instant somebody asks for and nobody accepted."""
    asked = CoverRow.objects.filter(schedule_id=schedule_id, maker=maker, kind=CoverKind.ASKED.value)
    return asked.filter(ends__gt=after).count()


def other_half(half: Cover) -> Cover | None:
    """Return the other half of a swap; None when it is gone."""
    if half.instead is None:
        return None
    row = CoverRow.objects.filter(
        schedule_id=half.schedule, kind=half.kind.value, user=half.instead, instead=half.user,
        made_at=half.made_at, maker=half.maker,
    ).first()  # fmt: skip
    return _cover(row) if row else None


def accept(halves: Sequence[Cover]) -> int:
    """Make the halves of a swap that was asked for hold; return how many there still were."""
    rows = CoverRow.objects.filter(id__in=[one.id for one in halves], kind=CoverKind.ASKED.value)
    return rows.update(kind=CoverKind.SWAP.value)


def drop_covers(ids: Sequence[int]) -> int:
    """Delete covers; return how many there were."""
    return CoverRow.objects.filter(id__in=ids).delete()[0]


def drop_covers_before(instant: float) -> int:
    """Delete the covers that ended before an instant."""
    return CoverRow.objects.filter(ends__lt=instant).delete()[0]


def pages(start: float, end: float) -> tuple[tuple[int, float], ...]:
    """Return who was paged when, in a range."""
    return tuple(PageRow.objects.filter(at__gte=start, at__lt=end).values_list("user", "at"))


def _row(schedule_id: int) -> ScheduleRow:
    row = ScheduleRow.objects.filter(id=schedule_id).first()
    if row is None:
        raise NotFound("There is no such schedule (any more).")
    return row


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a schedule named {name!r} already.")


def _body(draft: ScheduleDraft) -> dict[str, object]:
    body: dict[str, object] = msgspec.to_builtins(draft)
    return body


def _schedule(row: ScheduleRow) -> Schedule:
    draft = msgspec.convert(row.body, ScheduleDraft)
    return Schedule(
        id=row.id, name=row.name, zone=draft.zone, layers=draft.layers, created_at=row.created_at,
        updated_at=row.updated_at, source=row.source,
    )  # fmt: skip


def _cover(row: CoverRow) -> Cover:
    return Cover(
        id=row.id, schedule=row.schedule_id, user=row.user, starts=row.starts, ends=row.ends,
        kind=CoverKind(row.kind), instead=row.instead, reason=row.reason, made_by=row.made_by,
        maker=row.maker, made_at=row.made_at,
    )  # fmt: skip
