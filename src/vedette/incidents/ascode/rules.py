"""Puts in force the incident rules that files say: all of it in one transaction, or nothing."""

from collections.abc import Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.alerts import service as alerts
from vedette.incidents.ascode import compiling
from vedette.incidents.ascode.compiling import Filed, There
from vedette.incidents.ascode.written import RULES as SECTIONS
from vedette.incidents.ascode.written import IncidentRuleFile
from vedette.incidents.store import rules as store
from vedette.incidents.types import IncidentRule, IncidentRuleDraft
from vedette.plumbing.db.sql import transaction
from vedette.projects import service as projects
from vedette.wire.ascode.changing import Act, Change, Plan, differ
from vedette.wire.ascode.reading import Document, Fault, Read, said

__all__ = ["SECTIONS", "IncidentRuleFile", "apply", "plan"]
Wanted = tuple[Filed[IncidentRuleDraft], ...]


def plan(actor: Actor, files: Sequence[Document], now: float) -> Plan:  # noqa: ARG001 - as every room's
    """Return what files would change; raises `Forbidden`."""
    require(actor, Verb.RULE_WRITE)
    wanted, faults = _wanted(files)
    return Plan((), faults) if faults else Plan(_changes(wanted, store.every()), ())


def apply(actor: Actor, files: Sequence[Document], now: float) -> Plan:
    """Put in force what files say, and delete what came from files and is in none of them any more.

    Where one of them is wrong, nothing is changed. Raises `Forbidden`.
    """
    require(actor, Verb.RULE_WRITE)
    with transaction():
        wanted, faults = _wanted(files)
        if faults:
            return Plan((), faults)
        there = {one.name: one for one in store.every()}
        drafts = {draft.name: draft for draft, _ in wanted}
        changes = _changes(wanted, tuple(there.values()))
        for change in changes:
            _keep(change, drafts.get(change.name), there.get(change.name), now)
            accounts.audit(
                actor, f"file.{change.act}", f"incident rule {change.name}", {"file": change.file}, now
            )
    return Plan(changes, ())


def _keep(change: Change, draft: IncidentRuleDraft | None, before: IncidentRule | None, now: float) -> None:
    if draft is not None and before is not None:
        store.change(before.id, draft, change.file)
    elif draft is not None:
        store.add(draft, now, change.file)
    elif before is not None:
        store.remove(before.id)


def _wanted(files: Sequence[Document]) -> tuple[Wanted, tuple[Fault, ...]]:
    found = [said(file.only(SECTIONS), IncidentRuleFile, SECTIONS) for file in files]
    broken = tuple(each for each in found if isinstance(each, Fault))
    if broken:
        return (), broken
    there = There(
        matchers=alerts.matchers_of, projects={project.slug: project.id for project in projects.projects()},
        runbooks=store.runbooks() | _written(files),
    )  # fmt: skip
    return compiling.rules([each for each in found if isinstance(each, Read)], there)


def _written(files: Sequence[Document]) -> frozenset[str]:
    """Return the runbooks that the same files write: in a plan they are not there yet."""
    found = (each for file in files for each in file.table.get("runbook", ()) if isinstance(each, dict))
    return frozenset(str(each.get("slug", "")) for each in found)


def _changes(wanted: Wanted, there: Sequence[IncidentRule]) -> tuple[Change, ...]:
    """Return what becomes of rules; one that was made by hand and has the name of one in a file becomes that one."""
    before = {one.name: one for one in there}
    found = []
    for draft, file in wanted:
        known = before.pop(draft.name, None)
        fields = (
            differ(_fields(known) | {"source": known.source}, _fields(draft) | {"source": file})
            if known
            else {}
        )
        if known is None or fields:
            found.append(Change(Act.CHANGE if known else Act.ADD, "incident rule", draft.name, file, fields))
    gone = (one for one in before.values() if one.source)
    return (*found, *(Change(Act.REMOVE, "incident rule", one.name, one.source) for one in gone))


def _fields(draft: IncidentRuleDraft) -> dict[str, str]:
    fields = IncidentRuleDraft(**{name: getattr(draft, name) for name in IncidentRuleDraft.__struct_fields__})
    told = msgspec.to_builtins(fields) | {"matchers": alerts.matchers_written(draft.matchers)}
    del told["name"]
    return {name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in told.items()}
