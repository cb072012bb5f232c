"""The rules that declare incidents."""

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.incidents import drafting
from vedette.incidents.store import rules as store
from vedette.incidents.types import IncidentRule, IncidentRuleDraft
from vedette.plumbing.db.sql import transaction
from vedette.projects import service as projects
from vedette.wire.ascode import filed


def rules() -> tuple[IncidentRule, ...]:
    """Return every rule, oldest first: the first one an alert meets declares."""
    return store.every()


def rule(number: int) -> IncidentRule:
    """Return one rule; raises `NotFound`."""
    found = store.find(number)
    if found is None:
        raise NotFound(f"There is no incident rule {number}; it may have been deleted.")
    return found


def rule_runbooks() -> frozenset[str]:
    """Return the slugs of the runbooks that a rule may name."""
    return store.runbooks()


def create_rule(actor: Actor, draft: IncidentRuleDraft, now: float) -> IncidentRule:
    """Add a rule; raises `Invalid` by field, `Conflict` for a name that is taken, `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    _check(draft)
    with transaction():
        _free(draft.name, None)
        made = store.add(draft, now)
        accounts.audit(actor, "incident_rule.create", f"incident rule {made.name}", {}, now)
    return made


def update_rule(actor: Actor, number: int, draft: IncidentRuleDraft, now: float) -> IncidentRule:
    """Change a rule; its incidents stay as they are. Raises `Invalid`, `Conflict`, `NotFound`, `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    before = rule(number)
    filed.refuse(f"The rule {before.name} is", before.source)
    _check(draft, before.runbook)
    with transaction():
        _free(draft.name, number)
        store.change(number, draft)
        accounts.audit(
            actor, "incident_rule.update", f"incident rule {draft.name}", {"enabled": str(draft.enabled)}, now
        )
    return rule(number)


def enable_rule(actor: Actor, number: int, now: float, *, enabled: bool) -> IncidentRule:
    """Switch a rule on or off."""
    before = rule(number)
    fields = {name: getattr(before, name) for name in IncidentRuleDraft.__struct_fields__}
    return update_rule(actor, number, IncidentRuleDraft(**{**fields, "enabled": enabled}), now)


def delete_rule(actor: Actor, number: int, now: float) -> None:
    """Delete a rule; its incidents stay. Raises `NotFound`, `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    before = rule(number)
    filed.refuse(f"The rule {before.name} is", before.source)
    with transaction():
        store.remove(number)
        accounts.audit(actor, "incident_rule.delete", f"incident rule {before.name}", {}, now)


def forget_project(project: int) -> None:
    """Delete the rules of a project that is being deleted, in that transaction: they would match nothing for ever."""
    for each in store.every():
        if each.project == project:
            store.remove(each.id)


def _check(draft: IncidentRuleDraft, kept: str = "") -> None:
    """Raise `Invalid` for what is wrong; `kept` is a runbook that the rule names already: that it is gone stops no other change."""
    known = store.runbooks() | {kept}
    wrong = drafting.rule_problems(draft, {project.id for project in projects.projects()}, known)
    if wrong:
        raise Invalid("The rule is not complete.", wrong)


def _free(name: str, own: int | None) -> None:
    there = store.named(name)
    if there is not None and there.id != own:
        raise Conflict(f"There is an incident rule {name} already.")
