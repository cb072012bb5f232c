"""SQL of rules and of the room's marks."""

import msgspec

from vedette.alerts.models import MarkRow, RuleRow
from vedette.alerts.types import Params, Rule, RuleDraft, RuleKind
from vedette.signals.types import Severity


def all_rules() -> tuple[Rule, ...]:
    """Return every rule, oldest first."""
    return tuple(_rule(row) for row in RuleRow.objects.order_by("pk"))


def find(rule_id: int) -> Rule | None:
    """Return a rule, or None."""
    row = RuleRow.objects.filter(pk=rule_id).first()
    return None if row is None else _rule(row)


def add(draft: RuleDraft, now: float) -> Rule:
    """Insert a rule."""
    return _rule(RuleRow.objects.create(created_at=now, **_columns(draft)))


def change(rule_id: int, draft: RuleDraft) -> None:
    """Overwrite a rule."""
    RuleRow.objects.filter(pk=rule_id).update(**_columns(draft))


def remove(rule_id: int) -> None:
    """Delete a rule; its alerts stay and remember its name."""
    RuleRow.objects.filter(pk=rule_id).delete()


def of_project(project_id: int) -> tuple[int, ...]:
    """Return the ids of the rules that are for one project."""
    return tuple(RuleRow.objects.filter(project=project_id).values_list("pk", flat=True))


def mark(name: str) -> int:
    """Return a number the room remembers, 0 when it does not."""
    return MarkRow.objects.filter(pk=name).values_list("value", flat=True).first() or 0


def set_mark(name: str, value: int) -> None:
    """Remember a number."""
    MarkRow.objects.update_or_create(pk=name, defaults={"value": value})


def _columns(draft: RuleDraft) -> dict[str, object]:
    return {
        "name": draft.name,
        "kind": draft.kind.value,
        "project": draft.project,
        "params": msgspec.to_builtins(draft.params),
        "severity": draft.severity and draft.severity.value,
        "channels": list(draft.channels),
        "people": list(draft.people),
        "assignee": draft.assignee,
        "enabled": draft.enabled,
        "repeat_minutes": draft.repeat_minutes,
        "send_resolved": draft.send_resolved,
    }


def _rule(row: RuleRow) -> Rule:
    return Rule(
        id=row.pk,
        name=row.name,
        kind=RuleKind(row.kind),
        project=row.project,
        params=msgspec.convert(row.params, Params),
        severity=Severity(row.severity) if row.severity else None,
        channels=tuple(row.channels),
        people=tuple(row.people),
        assignee=row.assignee,
        enabled=row.enabled,
        repeat_minutes=row.repeat_minutes,
        send_resolved=row.send_resolved,
        created_at=row.created_at,
    )
