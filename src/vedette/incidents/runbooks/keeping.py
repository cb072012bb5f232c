"""Runbooks are written, changed and removed; the secret that signs their webhooks is sealed."""

import re
from collections.abc import Mapping

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.incidents.runbooks import reading, store
from vedette.incidents.runbooks.types import RunbookDraft, RunbookLine
from vedette.incidents.store import rules as rule_store
from vedette.incidents.types import IncidentRule, Runbook
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports
from vedette.wire.ascode import filed

PURPOSE = "incidents.runbook"
MOST = 500
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_RESERVED = frozenset({"new", "preview"})  # words of addresses


def every() -> tuple[Runbook, ...]:
    """Return every runbook by name."""
    return store.every()


def find(slug: str) -> Runbook:
    """Return the runbook of a slug; raises `NotFound`."""
    found = store.find(slug)
    if found is None:
        raise NotFound(f"There is no runbook {slug}; it may have been renamed or deleted.")
    return found


def listed() -> tuple[RunbookLine, ...]:
    """Return the list of runbooks: those used last first, then by name."""
    uses = store.uses()
    lines = [_line(each, uses) for each in store.every()]
    return tuple(sorted(lines, key=lambda line: (-(line.used_at or 0.0), line.name)))


def create(actor: Actor, draft: RunbookDraft, now: float) -> Runbook:
    """Write a runbook; raises `Invalid` by field, `Conflict` for a slug that is taken, `Forbidden`."""
    require(actor, Verb.RUNBOOK_WRITE)
    made = _checked(draft)
    if len(store.every()) >= MOST:
        raise Invalid(f"There are {MOST} runbooks; delete one that nobody uses.")
    with transaction():
        added = store.add(made, _sealed(made.secret or ""), now)
        accounts.audit(actor, "runbook.create", added.slug, _detail(added), now)
    return added


def update(actor: Actor, slug: str, draft: RunbookDraft, now: float) -> Runbook:
    """Change a runbook; incidents that have its steps keep them as they were, and rules of incidents take its new slug.

    Raises as `create`, and `NotFound`.
    """
    require(actor, Verb.RUNBOOK_WRITE)
    before = find(slug)
    if not _only_secret(before, draft):
        _check_own(before)
    made = _checked(draft)
    with transaction():
        if made.slug != slug:
            _rename_in_rules(slug, made.slug)
        store.change(slug, made, None if made.secret is None else _sealed(made.secret), now, before.source)
        changed = find(made.slug)
        accounts.audit(actor, "runbook.change", changed.slug, _detail(changed), now)
    return changed


def remove(actor: Actor, slug: str, now: float) -> None:
    """Delete a runbook; what incidents took down of it stays.

    Raises `NotFound`, `Forbidden`, `Conflict` for one of a file or that a rule of incidents names.
    """
    require(actor, Verb.RUNBOOK_WRITE)
    _check_own(find(slug))
    with transaction():
        for rule in _rules_of(slug):
            raise Conflict(f"The incident rule {rule.name} attaches it; change that first.")
        store.remove(slug)
        accounts.audit(actor, "runbook.delete", slug, {}, now)


def has_secret(slug: str) -> bool:
    """Tell whether what the webhooks of a runbook are sent is signed."""
    return bool(store.secret(slug))


def opened(sealed: str) -> str:
    """Return a sealed secret of webhooks in clear, empty for none; raises `Invalid` when it cannot be opened."""
    return ports().seal.open(sealed, PURPOSE) if sealed else ""


def problems(draft: RunbookDraft) -> dict[str, str]:
    """Return what is wrong with a runbook, by field."""
    wrong: dict[str, str] = {}
    if not _SLUG.fullmatch(draft.slug) or draft.slug in _RESERVED:
        wrong["slug"] = "Small letters, digits and dashes, at most 60; not “new” or “preview”."
    if not draft.name.strip() or len(draft.name) > 120:
        wrong["name"] = "Give it a name of at most 120 characters."
    problems = reading.problems(draft.text)
    if problems:
        wrong["text"] = " ".join(problems[:5])
    if draft.owner is not None and draft.owner not in accounts.user_refs():
        wrong["owner"] = "There is no such person, or they are switched off."
    return wrong


def _checked(draft: RunbookDraft) -> RunbookDraft:
    wrong = problems(draft)
    if wrong:
        raise Invalid("The runbook cannot be kept.", wrong)
    return draft


def _only_secret(before: Runbook, draft: RunbookDraft) -> bool:
    """Tell whether nothing but the secret changes: it stands in no file, so it is set here for a runbook of a file as well."""
    fields = ("slug", "name", "text", "owner", "matchers")
    return draft.secret is not None and all(getattr(before, name) == getattr(draft, name) for name in fields)


def _check_own(found: Runbook) -> None:
    if found.source:
        raise Conflict(f"It is written in {found.source}: change it there, then run `vedette apply`.")


def _rules_of(slug: str) -> tuple[IncidentRule, ...]:
    return tuple(rule for rule in rule_store.every() if rule.runbook == slug)


def _rename_in_rules(slug: str, new: str) -> None:
    """Let the rules that name a runbook name it by its new slug; raises `Conflict` where a file says the rule."""
    for rule in _rules_of(slug):
        filed.refuse(f"The incident rule {rule.name} attaches it by this short name, and is", rule.source)
        rule_store.change(rule.id, msgspec.structs.replace(rule, runbook=new))


def _sealed(text: str) -> str:
    return ports().seal.seal(text, PURPOSE) if text else ""


def _detail(found: Runbook) -> dict[str, str]:
    return {"name": found.name, "steps": str(len(found.steps))}


def _line(each: Runbook, uses: Mapping[str, tuple[int, float]]) -> RunbookLine:
    n, last = uses.get(each.slug, (0, None))
    return RunbookLine(
        slug=each.slug, name=each.name, owner=each.owner, steps=len(each.steps),
        automatic=reading.automatic(each.steps), used_at=last, uses=n, source=each.source,
    )  # fmt: skip
