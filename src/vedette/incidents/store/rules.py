"""SQL of the rules that declare incidents, and of the numbers the room remembers."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.incidents.models import MarkRow, RuleRow, RunbookRow
from vedette.incidents.types import IncidentRule, IncidentRuleDraft
from vedette.plumbing.db import sql


def every() -> tuple[IncidentRule, ...]:
    """Return every rule, oldest first."""
    return tuple(_rule(row) for row in RuleRow.objects.order_by("id"))


def find(number: int) -> IncidentRule | None:
    """Return one rule, or None."""
    row = RuleRow.objects.filter(pk=number).first()
    return None if row is None else _rule(row)


def named(name: str) -> IncidentRule | None:
    """Return the rule of a name, or None."""
    row = RuleRow.objects.filter(name=name).first()
    return None if row is None else _rule(row)


def runbooks() -> frozenset[str]:
    """Return the slugs of the runbooks that a rule may name."""
    return frozenset(RunbookRow.objects.values_list("slug", flat=True))


def add(draft: IncidentRuleDraft, now: float, source: str = "") -> IncidentRule:
    """Insert a rule."""
    return _rule(RuleRow.objects.create(name=draft.name, body=_body(draft), created_at=now, source=source))


def change(number: int, draft: IncidentRuleDraft, source: str = "") -> None:
    """Overwrite a rule."""
    RuleRow.objects.filter(pk=number).update(name=draft.name, body=_body(draft), source=source)


def remove(number: int) -> None:
    """Delete a rule; its incidents stay."""
    RuleRow.objects.filter(pk=number).delete()


def mark(name: str) -> float | None:
    """Return a number that was remembered, None when none was."""
    return MarkRow.objects.filter(pk=name).values_list("value", flat=True).first()


def marks(names: Sequence[str]) -> Mapping[str, float]:
    """Return the numbers that were remembered under these names."""
    found: dict[str, float] = {}
    for part in sql.batched(names):
        found |= dict(MarkRow.objects.filter(pk__in=part).values_list("name", "value"))
    return found


def set_mark(name: str, value: float) -> None:
    """Remember a number."""
    MarkRow.objects.update_or_create(pk=name, defaults={"value": value})


def drop_mark(name: str) -> None:
    """Forget a number."""
    MarkRow.objects.filter(pk=name).delete()


def _body(draft: IncidentRuleDraft) -> object:
    return msgspec.to_builtins(
        IncidentRuleDraft(**{name: getattr(draft, name) for name in IncidentRuleDraft.__struct_fields__})
    )


def _rule(row: RuleRow) -> IncidentRule:
    draft = msgspec.convert(row.body, IncidentRuleDraft)
    fields = {name: getattr(draft, name) for name in IncidentRuleDraft.__struct_fields__}
    return IncidentRule(id=row.pk, source=row.source, **{**fields, "name": row.name})
