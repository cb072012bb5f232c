"""SQL of templates: the patterns of messages that were found, by project and source."""

from collections.abc import Sequence

from vedette.alerts.models import TemplateRow
from vedette.alerts.types import Template

_COLUMNS = ("pattern", "last_seen", "count", "example", "body")


def of_source(project: int, source: str) -> tuple[Template, ...]:
    """Return the templates of a source, those seen least lately first."""
    rows = TemplateRow.objects.filter(project=project, source=source).order_by("last_seen", "pk")
    return tuple(_template(row) for row in rows)


def newest(n: int) -> tuple[Template, ...]:
    """Return the templates found last, the newest first."""
    return tuple(_template(row) for row in TemplateRow.objects.order_by("-first_seen", "-pk")[:n])


def since(instant: float) -> tuple[Template, ...]:
    """Return the templates that were seen since an instant."""
    return tuple(_template(row) for row in TemplateRow.objects.filter(last_seen__gte=instant))


def save(found: Sequence[Template]) -> None:
    """Insert the templates without an id, overwrite the others."""
    TemplateRow.objects.bulk_create([_row(each) for each in found if not each.id], batch_size=200)
    TemplateRow.objects.bulk_update([_row(each) for each in found if each.id], _COLUMNS, batch_size=200)


def forget(ids: Sequence[int]) -> None:
    """Delete templates."""
    TemplateRow.objects.filter(pk__in=ids).delete()


def forget_before(instant: float) -> int:
    """Delete the templates that were seen last before an instant; return how many."""
    return TemplateRow.objects.filter(last_seen__lt=instant).delete()[0]


def forget_project(project: int) -> None:
    """Delete the templates of a project."""
    TemplateRow.objects.filter(project=project).delete()


def _row(each: Template) -> TemplateRow:
    return TemplateRow(
        pk=each.id or None, project=each.project, source=each.source, pattern=each.pattern, count=each.count,
        first_seen=each.first_seen, last_seen=each.last_seen, example=each.example, body=each.hours,
    )  # fmt: skip


def _template(row: TemplateRow) -> Template:
    return Template(
        id=row.pk, project=row.project, source=row.source, pattern=row.pattern, count=row.count,
        first_seen=row.first_seen, last_seen=row.last_seen, example=row.example, hours=bytes(row.body),
    )  # fmt: skip
