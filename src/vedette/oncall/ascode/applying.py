"""Puts in force the schedules that files say: all of it in one transaction, or nothing."""

from collections.abc import Mapping, Sequence

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.oncall import saying, schedules
from vedette.oncall.ascode.compiling import There, Wanted, compile_files
from vedette.oncall.ascode.written import SECTIONS, ScheduleFile
from vedette.oncall.store import calendars as calendar_store
from vedette.oncall.store import schedules as store
from vedette.oncall.types import Schedule, ScheduleDraft
from vedette.plumbing.db.sql import transaction
from vedette.wire.ascode.changing import Act, Change, Plan, differ
from vedette.wire.ascode.reading import Document, Fault, Read, said

__all__ = ["SECTIONS", "ScheduleFile", "apply", "plan"]


def plan(actor: Actor, files: Sequence[Document], now: float) -> Plan:  # noqa: ARG001 - as every room's
    """Return what files would change; raises `Forbidden`."""
    require(actor, Verb.ONCALL_WRITE)
    wanted, faults = _wanted(files)
    return Plan((), faults) if faults else Plan(_changes(wanted, store.every()), ())


def apply(actor: Actor, files: Sequence[Document], now: float) -> Plan:
    """Put in force what files say, and delete what came from files and is in none of them any more.

    Where one of them is wrong, nothing is changed. Raises `Forbidden`.
    """
    require(actor, Verb.ONCALL_WRITE)
    with transaction():
        wanted, faults = _wanted(files)
        if faults:
            return Plan((), faults)
        there = {one.name: one for one in store.every()}
        drafts = {draft.name: (draft, file) for draft, file in wanted}
        changes = _changes(wanted, tuple(there.values()))
        for change in changes:
            if change.act is Act.REMOVE:
                schedules.remove(actor, there[change.name].id, now, filed_too=True)
            elif change.act is Act.ADD:
                schedules.create(actor, *_with(drafts[change.name], now))
            else:
                draft, file = drafts[change.name]
                schedules.rewrite(actor, there[change.name].id, draft, now, file)
    return Plan(changes, ())


def _with(wanted: tuple[ScheduleDraft, str], now: float) -> tuple[ScheduleDraft, float, str]:
    draft, file = wanted
    return draft, now, file


def _wanted(files: Sequence[Document]) -> tuple[Wanted, tuple[Fault, ...]]:
    found = [said(file.only(SECTIONS), ScheduleFile, SECTIONS) for file in files]
    broken = tuple(each for each in found if isinstance(each, Fault))
    if broken:
        return (), broken
    there = There(
        people={one.email.casefold(): one.id for one in accounts.user_refs().values()},
        calendars={one.name: one.id for one in calendar_store.every()},
    )
    return compile_files([each for each in found if isinstance(each, Read)], there)


def _changes(wanted: Wanted, there: Sequence[Schedule]) -> tuple[Change, ...]:
    """Return what becomes of schedules; one that was made by hand and has the name of one in a file becomes that one."""
    names = {one.ref.id: one.ref.email for one in accounts.users()}
    before = {one.name: one for one in there}
    found = []
    for draft, file in wanted:
        known = before.pop(draft.name, None)
        if known is None:
            found.append(Change(Act.ADD, "schedule", draft.name, file))
            continue
        fields = differ(
            _fields(known, names) | {"source": known.source}, _fields(draft, names) | {"source": file}
        )
        if fields or (known.zone, known.layers) != (draft.zone, draft.layers):
            found.append(Change(Act.CHANGE, "schedule", draft.name, file, fields))
    gone = (one for one in before.values() if one.source)
    return (*found, *(Change(Act.REMOVE, "schedule", one.name, one.source) for one in gone))


def _fields(draft: ScheduleDraft, names: Mapping[int, str]) -> dict[str, str]:
    layers = {
        f"layer {place}": f"{layer.name}: {_people(layer.people, names)}; {saying.layer(layer)}"
        f"{f', from {layer.first}' if layer.first else ''}{f', until {layer.until}' if layer.until else ''}"
        for place, layer in enumerate(draft.layers, 1)
    }
    return {"zone": draft.zone, "layers": str(len(draft.layers)), **layers}


def _people(turns: Sequence[Sequence[int]], names: Mapping[int, str]) -> str:
    return ", ".join(" + ".join(names.get(user, str(user)) for user in turn) for turn in turns)
