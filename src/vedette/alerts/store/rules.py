"""SQL of rules, of what they wait for, and of the room's marks."""

from collections.abc import Mapping

import msgspec

from vedette.alerts import matching
from vedette.alerts.models import MarkRow, PendingRow, RuleRow
from vedette.alerts.types import Params, Rule, RuleDraft
from vedette.signals.types import Severity


def all_rules() -> tuple[Rule, ...]:
    """Return every rule, oldest first."""
    return tuple(_rule(row) for row in RuleRow.objects.order_by("pk"))


def find(rule_id: int) -> Rule | None:
    """Return a rule, or None."""
    row = RuleRow.objects.filter(pk=rule_id).first()
    return None if row is None else _rule(row)


def add(draft: RuleDraft, now: float, source: str = "") -> Rule:
    """Insert a rule; `source` is the file it is written in."""
    return _rule(RuleRow.objects.create(created_at=now, source=source, **_columns(draft)))


def change(rule_id: int, draft: RuleDraft, source: str = "") -> None:
    """Overwrite a rule."""
    RuleRow.objects.filter(pk=rule_id).update(source=source, **_columns(draft))


def remove(rule_id: int) -> None:
    """Delete a rule; its alerts stay and remember its name."""
    RuleRow.objects.filter(pk=rule_id).delete()


def of_project(project_id: int) -> tuple[int, ...]:
    """Return the ids of the rules that are for one project."""
    return tuple(RuleRow.objects.filter(project=project_id).values_list("pk", flat=True))


def pending(rule_id: int) -> Mapping[str, float]:
    """Return since when a rule's condition is met, by the fingerprint of the alert it would make."""
    return dict(PendingRow.objects.filter(rule=rule_id).values_list("fingerprint", "since"))


def set_pending(rule_id: int, since: Mapping[str, float]) -> None:
    """Remember since when a rule's condition is met; what was remembered before is forgotten."""
    PendingRow.objects.filter(rule=rule_id).delete()
    PendingRow.objects.bulk_create(
        [PendingRow(rule_id=rule_id, fingerprint=name, since=at) for name, at in since.items()],
        batch_size=500,
    )


def mark(name: str) -> int:
    """Return a number the room remembers, 0 when it does not."""
    return MarkRow.objects.filter(pk=name).values_list("value", flat=True).first() or 0


def set_mark(name: str, value: int) -> None:
    """Remember a number."""
    MarkRow.objects.update_or_create(pk=name, defaults={"value": value})


def forget_mark(name: str) -> None:
    """Remember a number no more."""
    MarkRow.objects.filter(pk=name).delete()


def _columns(draft: RuleDraft) -> dict[str, object]:
    return {
        "name": draft.name,
        "kind": str(draft.kind),
        "project": draft.project,
        "matchers": matching.written(draft.matchers),
        "params": msgspec.to_builtins(draft.params),
        "severity": draft.severity and draft.severity.value,
        "channels": list(draft.channels),
        "people": list(draft.people),
        "assignee": draft.assignee,
        "enabled": draft.enabled,
        "repeat_minutes": draft.repeat_minutes,
        "send_resolved": draft.send_resolved,
        "policy": draft.policy,
    }


def _rule(row: RuleRow) -> Rule:
    return Rule(
        id=row.pk,
        name=row.name,
        kind=row.kind,
        project=row.project,
        matchers=matching.parse(row.matchers),
        params=msgspec.convert(row.params, Params),
        severity=Severity(row.severity) if row.severity else None,
        channels=tuple(row.channels),
        people=tuple(row.people),
        assignee=row.assignee,
        enabled=row.enabled,
        repeat_minutes=row.repeat_minutes,
        send_resolved=row.send_resolved,
        policy=row.policy,
        created_at=row.created_at,
        source=row.source,
    )
