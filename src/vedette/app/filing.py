"""What files say of every room that takes files, put in force together: all of it in one transaction, or nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from vedette.accounts.permissions import Actor
from vedette.alerts import service as alerts
from vedette.backups.ascode import applying as backups
from vedette.core.settings import FILE as SETTINGS
from vedette.deploy.ascode import applying as infra
from vedette.deploy.ascode.written import InfraSection
from vedette.incidents.ascode import rules as incident_rules
from vedette.incidents.ascode import runbooks
from vedette.monitors.ascode import applying as monitors
from vedette.monitors.ascode.written import SECTIONS, MonitorFile
from vedette.oncall.ascode import applying as oncall
from vedette.plumbing.db.sql import transaction
from vedette.wire.ascode import frontmatter
from vedette.wire.ascode.changing import Plan
from vedette.wire.ascode.reading import Document, Fault, Sections, parse, strays

Filed = tuple[str, str] | tuple[str, str, str]  # name, text, and the folder it lies in
_Act = Callable[[Actor, Sequence[Document], float], Plan]


class _Wrong(Exception):
    """A room found something wrong that showed only when another one had done its part; all of it is undone."""

    def __init__(self, found: Plan) -> None:
        super().__init__("what files say does not fit together")
        self.found = found


class _Room(NamedTuple):
    file: type[msgspec.Struct]
    sections: Sections
    plan: _Act
    apply: _Act


_ROOMS: Mapping[str, _Room] = {
    "monitors": _Room(MonitorFile, SECTIONS, monitors.plan, monitors.apply),
    "oncall": _Room(oncall.ScheduleFile, oncall.SECTIONS, oncall.plan, oncall.apply),
    "alerts": _Room(alerts.File, alerts.SECTIONS, alerts.plan, alerts.apply),
    "backups": _Room(backups.BackupFile, backups.SECTIONS, backups.plan, backups.apply),
    "infra": _Room(InfraSection, infra.SECTIONS, infra.plan, infra.apply),
    "runbooks": _Room(runbooks.RunbookFile, runbooks.SECTIONS, runbooks.plan, runbooks.apply),
    "incidents": _Room(
        incident_rules.IncidentRuleFile, incident_rules.SECTIONS, incident_rules.plan, incident_rules.apply
    ),
}
ROOMS = tuple(_ROOMS)  # each also the name of a folder whose files speak of that room alone


def plan(actor: Actor, files: Sequence[Filed], now: float, rooms: Collection[str] = ROOMS) -> Plan:
    """Return what files would change in these rooms, and what is wrong with them; raises `Forbidden`."""
    documents, faults = _documents(files, rooms)
    return Plan((), faults) if faults else _all([_ROOMS[name].plan for name in rooms], actor, documents, now)


def apply(actor: Actor, files: Sequence[Filed], now: float, rooms: Collection[str] = ROOMS) -> Plan:
    """Put in force what files say, and remove what came from files and is in none of them any more.

    Where one of them is wrong, nothing is changed. Raises `Forbidden`.
    """
    documents, faults = _documents(files, rooms)
    if faults:
        return Plan((), faults)
    try:
        with transaction():
            return _applied(actor, documents, now, rooms)
    except _Wrong as wrong:
        return wrong.found


def _applied(actor: Actor, documents: Sequence[Document], now: float, rooms: Collection[str]) -> Plan:
    """Let each room do its part, in the caller's transaction; raises `_Wrong`."""
    for acts in ([_ROOMS[name].plan for name in rooms], [_ROOMS[name].apply for name in rooms]):
        found = _all(acts, actor, documents, now)
        if found.faults:
            raise _Wrong(Plan((), found.faults))
    return found


def _anything(kind: type) -> dict[str, Any]:
    """Return the schema of what only what is saved or kept can judge (settings of a backup)."""
    if kind is object:
        return {"description": "As what is saved or kept asks."}
    raise NotImplementedError  # by which msgspec's schema hooks say that a type is none of theirs


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a file, for editors."""
    files = [room.file for room in _ROOMS.values()]
    _, defs = msgspec.json.schema_components(files, schema_hook=_anything, ref_template="#/$defs/{name}")
    found = {name: told for file in files for name, told in defs.pop(file.__name__)["properties"].items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Vedette: {', '.join(found)}",
        "type": "object",
        "properties": found,
        "additionalProperties": False,
        "$defs": defs,
    }


def _documents(files: Sequence[Filed], rooms: Collection[str]) -> tuple[list[Document], tuple[Fault, ...]]:
    """Return the files as TOML with what is wrong at their top; `vedette.toml` holds settings as well.

    What lies in the folder `infra` says at its top what others say in the section of that name.
    """
    read = [_read(each) for each in files]
    documents = [_parts(each) for each in read if isinstance(each, Document)]
    documents = [infra.whole(each) if infra.is_whole(each) else each for each in documents]
    sections = [section for name in rooms for section in _ROOMS[name].sections]
    faults = [each for each in read if isinstance(each, Fault)]
    return documents, (*faults, *(fault for each in documents for fault in strays(each, sections)))


def _read(file: Filed) -> Document | Fault:
    """Return a file as TOML; one in Markdown is a runbook."""
    return frontmatter.document(*file, section="runbook") if file[0].endswith(".md") else parse(*file)


def _parts(document: Document) -> Document:
    if document.name.rpartition("/")[2] != SETTINGS:
        return document
    return document.only(
        {name for name, value in document.table.items() if name in infra.SECTIONS or _is_section(value)}
    )


def _is_section(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _all(acts: Sequence[_Act], actor: Actor, documents: Sequence[Document], now: float) -> Plan:
    """Let each room do its part; a room sees its own sections alone."""
    found = [act(actor, documents, now) for act in acts]
    return Plan(
        tuple(change for each in found for change in each.changes),
        tuple(fault for each in found for fault in each.faults),
    )
