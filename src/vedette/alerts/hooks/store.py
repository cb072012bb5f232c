"""SQL of hooks."""

import msgspec

from vedette.alerts.hooks.types import AlertHook, AlertHookDraft
from vedette.alerts.models import HookRow
from vedette.wire.hooks.mapping import AlertMapping


def hooks() -> tuple[AlertHook, ...]:
    """Return every hook, by name."""
    return tuple(_hook(row) for row in HookRow.objects.order_by("name"))


def find(name: str) -> AlertHook | None:
    """Return a hook by its name, or None."""
    row = HookRow.objects.filter(name=name).first()
    return None if row is None else _hook(row)


def add(draft: AlertHookDraft, now: float, source: str = "") -> AlertHook:
    """Insert a hook; `source` is the file it is written in."""
    return _hook(HookRow.objects.create(created_at=now, source=source, **_columns(draft)))


def change(hook_id: int, draft: AlertHookDraft, source: str = "") -> None:
    """Overwrite a hook; its secret stays."""
    HookRow.objects.filter(pk=hook_id).update(source=source, **_columns(draft))


def remove(hook_id: int) -> None:
    """Delete a hook; what it told of stays."""
    HookRow.objects.filter(pk=hook_id).delete()


def set_secret(hook_id: int, digest: str) -> None:
    """Give a hook another secret; the one before stops working."""
    HookRow.objects.filter(pk=hook_id).update(secret=digest)


def _columns(draft: AlertHookDraft) -> dict[str, object]:
    mapping = msgspec.to_builtins(draft.mapping)
    return {"name": draft.name, "mapping": mapping, "enabled": draft.enabled}


def _hook(row: HookRow) -> AlertHook:
    return AlertHook(
        id=row.pk,
        name=row.name,
        mapping=msgspec.convert(row.mapping, AlertMapping),
        enabled=row.enabled,
        secret=row.secret,
        created_at=row.created_at,
        source=row.source,
    )
