"""Escalation policies: kept by hand, read by everybody who may see who is on call."""

from collections.abc import Callable, Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.notify import service as notify
from vedette.oncall import policy_fitness, schedules
from vedette.oncall.policy_fitness import There
from vedette.oncall.store import policies as store
from vedette.oncall.types import Policy, PolicyDraft
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports
from vedette.wire.ascode import filed

PURPOSE = "oncall.webhook"
LONGEST_SECRET = 200
Namers = Callable[[Policy], Sequence[str]]
"""Who names a policy, in words: `The rule Checkout fails`."""
_BY_NUMBER: list[Namers] = []
_BY_NAME: list[Namers] = []


def on_use(by_number: Namers, by_name: Namers) -> None:
    """Have others say who names a policy, by its number or by its name, before it goes; rooms enter it when they load."""
    if by_number not in _BY_NUMBER:
        _BY_NUMBER.append(by_number)
        _BY_NAME.append(by_name)


def policies() -> tuple[Policy, ...]:
    """Return every policy by name."""
    return store.all_policies()


def policy(policy_id: int) -> Policy:
    """Return one policy; raises `NotFound`."""
    found = store.find(policy_id)
    if found is None:
        raise NotFound(f"There is no escalation policy {policy_id}; it may have been deleted.")
    return found


def policy_named(name: str) -> Policy | None:
    """Return the policy of a name, None when there is none."""
    return store.named(name)


def has_secret(policy_id: int) -> bool:
    """Tell whether the webhooks of a policy are signed."""
    return bool(store.secret(policy_id))


def create_policy(actor: Actor, draft: PolicyDraft, now: float, secret: str = "") -> Policy:
    """Add a policy; `secret` signs what its webhooks are sent. Raises `Invalid` naming the wrong fields, `Forbidden`."""
    require(actor, Verb.ONCALL_WRITE)
    with transaction():
        check(draft, None)
        made = store.add(draft, sealed(secret), now)
        accounts.audit(actor, "policy.create", f"escalation policy {made.name}", _detail(draft), now)
    return made


def update_policy(
    actor: Actor, policy_id: int, draft: PolicyDraft, now: float, secret: str | None = None
) -> Policy:
    """Change a policy; what escalates already goes on as the policy was. `secret` None leaves it.

    Raises `Invalid`, `NotFound`, `Conflict` for one of a file and for another name while one is named by the old, `Forbidden`.
    """
    require(actor, Verb.ONCALL_WRITE)
    with transaction():
        before = policy(policy_id)
        filed.refuse(f"The escalation policy {before.name} is", before.source)
        check(draft, policy_id)
        if draft.name != before.name:
            _check_unused(before, _BY_NAME, "add one with the new name, and name that there first")
        store.change(policy_id, draft, None if secret is None else sealed(secret), now)
        accounts.audit(actor, "policy.update", f"escalation policy {draft.name}", _detail(draft), now)
    return policy(policy_id)


def delete_policy(actor: Actor, policy_id: int, now: float) -> None:
    """Delete a policy; what escalates already goes on to its end.

    Raises `NotFound`, `Conflict` for one of a file or that something names, `Forbidden`.
    """
    require(actor, Verb.ONCALL_WRITE)
    with transaction():
        before = policy(policy_id)
        filed.refuse(f"The escalation policy {before.name} is", before.source)
        _check_unused(before, (*_BY_NUMBER, *_BY_NAME), "change that first")
        store.remove(policy_id)
        accounts.audit(actor, "policy.delete", f"escalation policy {before.name}", {}, now)


def keep_policy(draft: PolicyDraft, source: str, now: float) -> None:
    """Put a policy of a file in force, over one of its name, in the caller's transaction, which also writes the audit."""
    there = store.named(draft.name)
    if there is None:
        store.add(draft, "", now, source)
    else:
        store.change(there.id, draft, None, now, source)


def drop_policy(name: str) -> None:
    """Delete a policy that stands in no file any more, in the caller's transaction, which also writes the audit."""
    there = store.named(name)
    if there is not None:
        store.remove(there.id)


def policy_problems(draft: PolicyDraft, coming: frozenset[int] = frozenset()) -> dict[str, str]:
    """Return what is wrong with a policy of a file, by its field or step; one of its name is the one it changes.

    `coming` stand for schedules that the same files write.
    """
    known = store.named(draft.name)
    found = there(known.id if known else None)
    schedules_too = frozenset(found.schedules) | coming
    return policy_fitness.problems(draft, msgspec.structs.replace(found, schedules=schedules_too))


def there(but: int | None = None) -> There:
    """Return what a policy may name; `but` is the policy that is changed."""
    return There(
        users=frozenset(accounts.user_refs()),
        schedules=frozenset(each.id for each in schedules.schedules()),
        channels=frozenset(each.id for each in notify.channels()),
        taken=frozenset(each.name for each in store.all_policies() if each.id != but),
    )


def check(draft: PolicyDraft, policy_id: int | None) -> None:
    """Raise `Invalid` that names what is wrong with a policy, by its field or step."""
    wrong = policy_fitness.problems(draft, there(policy_id))
    if wrong:
        raise Invalid("The policy cannot be kept.", wrong)


def sealed(secret: str) -> str:
    """Return a secret as it is stored; raises `Invalid` for one that is too long."""
    if len(secret) > LONGEST_SECRET:
        raise Invalid("The secret is too long.", {"secret": f"At most {LONGEST_SECRET} characters."})
    return ports().seal.seal(secret, PURPOSE) if secret else ""


def _check_unused(found: Policy, namers: Sequence[Namers], todo: str) -> None:
    named = [who for ask in namers for who in ask(found)]
    if named:
        raise Conflict(f"{named[0]} leads to the policy {found.name}: {todo}.")


def _detail(draft: PolicyDraft) -> dict[str, str]:
    return {"steps": str(len(draft.steps)), "repeats": str(draft.repeats)}
