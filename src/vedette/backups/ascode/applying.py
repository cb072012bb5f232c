"""Puts in force the plans that files say: all of it in one transaction, or nothing."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.backups import keeping, sealing
from vedette.backups.ascode.compiling import There, Wanted, compile_files
from vedette.backups.ascode.exporting import Named, written
from vedette.backups.ascode.written import PARTS, SECTIONS, BackupFile
from vedette.backups.store import plans as store
from vedette.backups.types import Known
from vedette.core.errors import Invalid
from vedette.hosts import service as hosts
from vedette.instruments.backup.registry import engines, sources
from vedette.plumbing.db.sql import transaction
from vedette.projects import service as projects
from vedette.wire.ascode.changing import Act, Change, Plan, differ
from vedette.wire.ascode.reading import Document, Fault, Read, said
from vedette.wire.backup import Plan as Planned

__all__ = ["SECTIONS", "BackupFile", "apply", "export_file", "plan"]
Key = tuple[int, str]


def plan(actor: Actor, files: Sequence[Document], now: float) -> Plan:  # noqa: ARG001 - as every room's
    """Return what files would change; raises `Forbidden`."""
    require(actor, Verb.BACKUP_WRITE)
    wanted, faults = _wanted(files)
    return Plan((), faults) if faults else Plan(tuple(one for _, one in _changes(wanted)), ())


def apply(actor: Actor, files: Sequence[Document], now: float) -> Plan:
    """Put in force what files say, and take away plans that came from files and are in none of them any more.

    Where one of them is wrong, nothing is changed; secrets that files do not give stay. Raises `Forbidden`.
    """
    require(actor, Verb.BACKUP_WRITE)
    with transaction():
        wanted, faults = _wanted(files)
        if faults:
            return Plan((), faults)
        before = {_key(one): one for one in store.every()}
        said = {(one.host, one.plan.name): one for one in wanted}
        changes = _changes(wanted)
        for key, change in changes:
            known = before.get(key)
            if change.act is Act.REMOVE and known is not None:
                keeping.remove_plan(actor, known.id, now, filed_too=True)
            else:
                _put(actor, said[key], known, now)
        _give(actor, wanted, now)
    return Plan(tuple(one for _, one in changes), ())


def export_file(actor: Actor) -> str:
    """Return the plans that were made by hand as a file; raises `Forbidden`."""
    require(actor, Verb.BACKUP_READ)
    names = {one.id: one.name for one in hosts.every()}
    slugs = {one.id: one.slug for one in projects.projects()}
    by_hand = [one for one in store.every() if not one.source and one.host in names]
    return written(Named(names[one.host], slugs.get(one.project, ""), one.plan) for one in by_hand)


def _put(actor: Actor, one: Wanted, known: Known | None, now: float) -> None:
    number = known.id if known else None
    keeping.put_plan(actor, one.host, one.plan, now, number, one.project, source=one.file)


def _give(actor: Actor, wanted: Sequence[Wanted], now: float) -> None:
    """Seal the secrets that files give, where they are not as they were."""
    for one in wanted:
        known = store.find(one.host, one.plan.name)
        if known is None:
            continue
        held = sealing.opened(known)
        for (copy, name), value in one.secrets.items():
            if held.get(f"{known.plan.name}/{copy}", {}).get(name) != sealing.meant(name, value):
                keeping.set_secret(actor, known.id, copy, name, value, now)


def _wanted(files: Sequence[Document]) -> tuple[tuple[Wanted, ...], tuple[Fault, ...]]:
    found = [said(file.only(SECTIONS), BackupFile, PARTS) for file in files]
    broken = tuple(each for each in found if isinstance(each, Fault))
    if broken:
        return (), broken
    there = There(
        hosts={one.name: one.id for one in hosts.every()}, projects={one.slug: one.id for one in projects.projects()},
        engines=engines(), sources=sources(), opener=opened,
    )  # fmt: skip
    return compile_files([each for each in found if isinstance(each, Read)], there)


def _changes(wanted: Sequence[Wanted]) -> list[tuple[Key, Change]]:
    """Return what becomes of plans; one that was made by hand and has the name of one in a file becomes that one."""
    names = {one.id: one.name for one in hosts.every()}
    before = {_key(one): one for one in store.every()}
    found: list[tuple[Key, Change]] = []
    for one in wanted:
        key = (one.host, one.plan.name)
        known, called = before.pop(key, None), f"{names.get(one.host, one.host)}/{one.plan.name}"
        if known is None:
            found.append((key, Change(Act.ADD, "backup", called, one.file)))
            continue
        fields = differ(
            _fields(known.plan, known.project) | {"source": known.source},
            _fields(one.plan, one.project) | {"source": one.file},
        )
        if fields:
            found.append((key, Change(Act.CHANGE, "backup", called, one.file, fields)))
    for key, known in before.items():
        if known.source:
            called = f"{names.get(known.host, known.host)}/{known.plan.name}"
            found.append((key, Change(Act.REMOVE, "backup", called, known.source)))
    return found


def _key(one: Known) -> Key:
    return one.host, one.plan.name


def _fields(plan: Planned, project: int) -> dict[str, str]:
    """Return a plan as fields of text: each of its parts as it would be told a host."""
    told: Mapping[str, object] = msgspec.to_builtins(plan)
    fields = {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in told.items()
    }
    return {**fields, "project": str(project or "")}


def opened(kind: str, name: str) -> str:
    """Return a secret: a variable of this process, or a file without the end of its last line; raises `Invalid`."""
    if kind == "env":
        found = os.environ.get(name)
        if found is None:
            raise Invalid(f"The variable {name} is not set; set it for `vedette apply`.")
        return found
    path = Path(name)
    if not path.is_absolute():
        raise Invalid(f"{name} is no whole path; write it from / on.")
    try:
        return path.read_text(encoding="utf-8")[: sealing.LONGEST].removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"{name} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}."
        ) from None
