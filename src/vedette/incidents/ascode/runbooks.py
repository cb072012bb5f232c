"""Puts in force the runbooks that files say: all of it in one transaction, or nothing."""

from collections.abc import Mapping, Sequence

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.alerts import service as alerts
from vedette.incidents.ascode import compiling
from vedette.incidents.ascode.compiling import Filed, There
from vedette.incidents.ascode.written import RUNBOOKS as SECTIONS
from vedette.incidents.ascode.written import RunbookFile
from vedette.incidents.runbooks import keeping, store
from vedette.incidents.runbooks.types import RunbookDraft
from vedette.incidents.types import Runbook
from vedette.plumbing.db.sql import transaction
from vedette.wire.ascode.changing import Act, Change, Plan, differ
from vedette.wire.ascode.reading import Document, Fault, Read, said

__all__ = ["SECTIONS", "RunbookFile", "apply", "plan"]
Wanted = tuple[Filed[RunbookDraft], ...]


def plan(actor: Actor, files: Sequence[Document], now: float) -> Plan:  # noqa: ARG001 - as every room's
    """Return what files would change; raises `Forbidden`."""
    require(actor, Verb.RUNBOOK_WRITE)
    wanted, faults = _wanted(files)
    return Plan((), faults) if faults else Plan(_changes(wanted, store.every()), ())


def apply(actor: Actor, files: Sequence[Document], now: float) -> Plan:
    """Put in force what files say, and delete what came from files and is in none of them any more.

    Where one of them is wrong, nothing is changed; the secrets of webhooks stay. Raises `Forbidden`.
    """
    require(actor, Verb.RUNBOOK_WRITE)
    with transaction():
        wanted, faults = _wanted(files)
        if faults:
            return Plan((), faults)
        drafts = {draft.slug: draft for draft, _ in wanted}
        changes = _changes(wanted, store.every())
        for change in changes:
            _keep(change, drafts, now)
            accounts.audit(actor, f"file.{change.act}", f"runbook {change.name}", {"file": change.file}, now)
    return Plan(changes, ())


def _keep(change: Change, drafts: Mapping[str, RunbookDraft], now: float) -> None:
    if change.act is Act.REMOVE:
        store.remove(change.name)
    elif change.act is Act.ADD:
        store.add(drafts[change.name], "", now, change.file)
    else:
        store.change(change.name, drafts[change.name], None, now, change.file)


def _wanted(files: Sequence[Document]) -> tuple[Wanted, tuple[Fault, ...]]:
    found = [said(file.only(SECTIONS), RunbookFile, SECTIONS) for file in files]
    broken = tuple(each for each in found if isinstance(each, Fault))
    if broken:
        return (), broken
    people = {one.email.casefold(): one.id for one in accounts.user_refs().values()}
    there = There(matchers=alerts.matchers_of, people=people)
    return compiling.runbooks([each for each in found if isinstance(each, Read)], there, keeping.problems)


def _changes(wanted: Wanted, there: Sequence[Runbook]) -> tuple[Change, ...]:
    """Return what becomes of runbooks; one that was made by hand and has the slug of one in a file becomes that one."""
    names = {one.ref.id: one.ref.email for one in accounts.users()}
    before = {one.slug: one for one in there}
    found = []
    for draft, file in wanted:
        known = before.pop(draft.slug, None)
        after = _fields(draft, names) | {"source": file}
        fields = differ(_fields(known, names) | {"source": known.source}, after) if known else {}
        if known is None or fields or known.text != draft.text:
            found.append(Change(Act.CHANGE if known else Act.ADD, "runbook", draft.slug, file, fields))
    gone = (one for one in before.values() if one.source)
    return (*found, *(Change(Act.REMOVE, "runbook", one.slug, one.source) for one in gone))


def _fields(draft: RunbookDraft | Runbook, names: Mapping[int, str]) -> dict[str, str]:
    """Return what is told of a runbook; of its text how many lines it has."""
    owner = "" if draft.owner is None else names.get(draft.owner, str(draft.owner))
    return {
        "name": draft.name, "owner": owner, "matchers": alerts.matchers_written(draft.matchers),
        "lines": str(len(draft.text.splitlines())),
    }  # fmt: skip
