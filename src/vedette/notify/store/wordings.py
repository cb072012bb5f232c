"""SQL of templates."""

from collections.abc import Mapping

from vedette.notify.models import TemplateRow
from vedette.notify.types import Wording
from vedette.plumbing.db import sql


def wordings() -> Mapping[str, Wording]:
    """Return every template by kind."""
    rows = TemplateRow.objects.values_list("kind", "title", "text")
    return {kind: Wording(title=title, text=text) for kind, title, text in rows}


def of(kind: str, otherwise: str) -> Wording | None:
    """Return the template of a kind, else the other's, else None."""
    row = sql.query_one(_OF, (kind, otherwise, kind))
    return Wording(title=str(row[0]), text=str(row[1])) if row else None


def put(kind: str, given: Wording) -> None:
    """Overwrite a template."""
    TemplateRow.objects.update_or_create(pk=kind, defaults={"title": given.title, "text": given.text})


def drop(kind: str) -> bool:
    """Delete a template; False when there was none."""
    return bool(TemplateRow.objects.filter(pk=kind).delete()[0])


_OF = "SELECT title, text FROM notify_template WHERE kind IN (%s, %s) ORDER BY kind = %s DESC LIMIT 1"
