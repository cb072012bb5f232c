"""Copies that no plan keeps any more: what they stored is where it was, so what opens it stays until somebody forgets it by name."""

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.backups.store import left as store
from vedette.backups.store import plans, secrets
from vedette.backups.types import Known, Left
from vedette.core.errors import Invalid, NotFound
from vedette.plumbing.db.sql import transaction
from vedette.wire.backup import Plan


def leave(known: Known, after: Plan | None, host: str, actor: Actor, now: float) -> None:
    """Note the copies of a plan that it has no more (`after` None: that goes as a whole), in the caller's transaction."""
    kept = {copy.name for copy in after.copies} | {copy.at for copy in after.copies} if after else set()
    for copy in known.plan.copies:
        if copy.name not in kept and copy.at not in kept:
            was = msgspec.structs.replace(known.plan, copies=(copy,), enabled=False)
            by = actor.name or actor.kind.value
            store.put(
                Left(plan=known.id, host=known.host, host_name=host, was=was, by=by, left_at=now)
            )  # fmt: skip


def take_up(known: Known) -> None:
    """Give new copies the secrets of what was left where they are kept, in the caller's transaction: its repository knows them."""
    there = {(one.copy.at, one.copy.engine): one for one in reversed(store.of_host(known.host))}
    has = {one.copy for one in secrets.of_plan(known.id)}
    for copy in known.plan.copies:
        old = there.get((copy.at, copy.engine))
        if old is not None and copy.name not in has:
            _move(old, known.id, copy.name)
        store.remove(known.id, copy.name)  # a copy of that name is kept again, with the same secrets


def _move(old: Left, plan: int, copy: str) -> None:
    held = [one for one in secrets.of_plan(old.plan) if one.copy == old.copy.name]
    secrets.remove(old.plan, old.copy.name)
    for one in held:
        secrets.put(msgspec.structs.replace(one, plan=plan, copy=copy))
    store.remove(old.plan, old.copy.name)


def every() -> tuple[Left, ...]:
    """Return all copies that were left, the last one first."""
    return tuple(store.every())


def holding(plan_id: int, copy: str) -> Known:
    """Return a plan that has a copy, or had one that was left; raises `NotFound`."""
    known = plans.find_by(plan_id)
    if known is not None and any(one.name == copy for one in known.plan.copies):
        return known
    left = store.find(plan_id, copy)
    if left is None:
        raise NotFound(f"No plan {plan_id} has or had a copy {copy[:60]!r}.")
    return Known(
        id=left.plan, host=left.host, project=0, plan=left.was, by=left.by, source="", changed_at=left.left_at
    )


def forget(actor: Actor, plan_id: int, copy: str, confirmed: str, now: float) -> None:
    """Delete the secrets of a copy that was left; what it stored can never be opened again by us. `confirmed` is its `plan/copy`.

    Raises `NotFound`, `Invalid`, `Forbidden`.
    """
    require(actor, Verb.BACKUP_WRITE)
    with transaction():
        left = store.find(plan_id, copy)
        if left is None:
            raise NotFound("No such copy was left.")
        if confirmed.strip() != left.name:
            raise Invalid(f"To forget its passwords, type {left.name}.", {"confirm": "another name"})
        secrets.remove(plan_id, copy)
        store.remove(plan_id, copy)
        audit(actor, "backup.forget", f"{left.host_name}: {left.name}"[:200], {"at": left.copy.at[:200]}, now)
