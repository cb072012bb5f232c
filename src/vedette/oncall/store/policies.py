"""SQL of escalation policies, and of whose turn their round-robins are."""

from collections.abc import Mapping

import msgspec

from vedette.oncall.models import PolicyRow, TurnRow
from vedette.oncall.types import Policy, PolicyDraft


def all_policies() -> tuple[Policy, ...]:
    """Return every policy by name."""
    return tuple(_policy(row) for row in PolicyRow.objects.order_by("name", "pk"))


def find(policy_id: int) -> Policy | None:
    """Return a policy, or None."""
    row = PolicyRow.objects.filter(pk=policy_id).first()
    return None if row is None else _policy(row)


def named(name: str) -> Policy | None:
    """Return the policy of a name, or None."""
    row = PolicyRow.objects.filter(name=name).first()
    return None if row is None else _policy(row)


def add(draft: PolicyDraft, secret: str, now: float, source: str = "") -> Policy:
    """Insert a policy; `secret` is sealed, `source` the file it is written in."""
    columns = {"name": draft.name, "body": _body(draft), "secrets": secret, "source": source}
    return _policy(PolicyRow.objects.create(created_at=now, updated_at=now, **columns))


def change(policy_id: int, draft: PolicyDraft, secret: str | None, now: float, source: str = "") -> None:
    """Overwrite a policy; `secret` None leaves it as it is."""
    columns: dict[str, object] = {
        "name": draft.name,
        "body": _body(draft),
        "source": source,
        "updated_at": now,
    }
    if secret is not None:
        columns["secrets"] = secret
    PolicyRow.objects.filter(pk=policy_id).update(**columns)


def remove(policy_id: int) -> None:
    """Delete a policy, and whose turn it was."""
    PolicyRow.objects.filter(pk=policy_id).delete()
    TurnRow.objects.filter(policy=policy_id).delete()


def secret(policy_id: int) -> str:
    """Return the sealed secret of a policy's webhooks, "" when there is none."""
    return PolicyRow.objects.filter(pk=policy_id).values_list("secrets", flat=True).first() or ""


def turns(policy_id: int) -> Mapping[int, int]:
    """Return how many turns each round-robin of a policy had, by the index of its step."""
    return dict(TurnRow.objects.filter(policy=policy_id).values_list("step", "place"))


def turn(policy_id: int, step: int, places: int) -> None:
    """Let a round-robin go on by so many turns."""
    row, _ = TurnRow.objects.get_or_create(policy=policy_id, step=step)
    TurnRow.objects.filter(pk=row.pk).update(place=row.place + places)


def _body(draft: PolicyDraft) -> object:
    fields = {name: getattr(draft, name) for name in PolicyDraft.__struct_fields__}
    return msgspec.to_builtins(PolicyDraft(**fields))


def _policy(row: PolicyRow) -> Policy:
    body = {"name": row.name, "id": row.pk, "created_at": row.created_at, "updated_at": row.updated_at}
    return msgspec.convert({**row.body, **body, "source": row.source}, Policy)
