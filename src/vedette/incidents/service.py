"""Incidents: declared, worked on, told, and over."""

from collections.abc import Collection, Mapping, Sequence

from vedette.accounts.permissions import Verb
from vedette.alerts import service as alerts
from vedette.core.errors import Invalid
from vedette.incidents import causes, commanding, drafting, likeness, pulling, ruling, telling
from vedette.incidents.acting import (
    MOST_SILENCED,
    acknowledge,
    act,
    mitigate,
    rename,
    reopen,
    resolve,
    set_severity,
    silence,
    weigh,
)
from vedette.incidents.likeness import Known
from vedette.incidents.manning import add_task, finish_task, join, leave
from vedette.incidents.merging import link, merge, split, unlink
from vedette.incidents.opening import declare
from vedette.incidents.ruling import (
    create_rule,
    delete_rule,
    enable_rule,
    rule,
    rule_runbooks,
    rules,
    update_rule,
)
from vedette.incidents.store import attached as alert_store
from vedette.incidents.store import entries as entry_store
from vedette.incidents.store import incidents as store
from vedette.incidents.store import people
from vedette.incidents.types import (
    AttachedAlert,
    Entry,
    Evidence,
    Incident,
    IncidentLink,
    Responder,
    Task,
    TaskKind,
)
from vedette.incidents.writing import annotate, announced, draft, entry_added, hide, note, pin
from vedette.projects import service as projects
from vedette.ui import pager

__all__ = [
    "MOST_SILENCED",
    "acknowledge",
    "act",
    "add_task",
    "annotate",
    "announced",
    "create_rule",
    "declare",
    "delete_rule",
    "draft",
    "enable_rule",
    "entry_added",
    "finish_task",
    "hide",
    "join",
    "leave",
    "link",
    "merge",
    "mitigate",
    "note",
    "pin",
    "rename",
    "reopen",
    "resolve",
    "rule",
    "rule_runbooks",
    "rules",
    "set_severity",
    "silence",
    "split",
    "unlink",
    "update_rule",
    "weigh",
]
MOST_ENTRIES = telling.MOST_ENTRIES
_MOST_ALERTS = 500
_ALIKE = 60  # of how many incidents of the past the similar ones are picked


def work(now: float) -> int:
    """Take in what is new of alerts, signals and moments, and end what is quiet; return how much there was."""
    return pulling.work(now)


def incident(number: int) -> Incident:
    """Return an incident by its number; raises `NotFound`."""
    return telling.found(number)


def living(number: int) -> Incident:
    """Return an incident that people still act on; raises `NotFound`, `Conflict` for one that lives on in another."""
    return telling.living(number)


def open_incidents(now: float) -> tuple[Incident, ...]:  # noqa: ARG001 - what is open is so whenever it is asked
    """Return what is open, the worst first, then the longest."""
    return store.still_open()


def incidents(cursor: str | None = None, n: int = 50) -> tuple[tuple[Incident, ...], str | None]:
    """Return what is over, newest first, and the cursor of the next page; raises `Invalid` for a cursor nobody gave out."""
    found = store.past(None if cursor is None else pager.decode(cursor, tuple[float, int]), n + 1)
    last = found[n - 1] if len(found) > n else None
    return found[:n], None if last is None else pager.encode(last.started_at, last.id)


def between(start: float, end: float, n: int = 1_000) -> tuple[Incident, ...]:
    """Return the newest `n` incidents that began in `start` <= t < `end`, merged ones too."""
    return store.between(start, end, n)


def some(numbers: Collection[int]) -> Mapping[int, Incident]:
    """Return incidents by their numbers, as far as they are there."""
    return store.some(numbers)


def entries(number: int, n: int = MOST_ENTRIES) -> tuple[Entry, ...]:
    """Return the newest `n` lines of an incident's timeline, hidden ones too."""
    return entry_store.of(number, n)


def entry(number: int, line: int) -> Entry | None:
    """Return one line of an incident, None when it has none such."""
    return entry_store.find(number, line)


def alerts_of(number: int, n: int = _MOST_ALERTS) -> tuple[AttachedAlert, ...]:
    """Return up to `n` alerts of an incident, those that fire first."""
    return alert_store.of(number, n)


def standing(number: int) -> tuple[int, int]:
    """Return how many alerts an incident has, and how many of them fire."""
    return alert_store.standing(number)[:2]


def responders(number: int) -> tuple[Responder, ...]:
    """Return who takes part or did, in the order in which they came."""
    return people.responders(number)


def leads(numbers: Collection[int]) -> Mapping[int, int]:
    """Return who leads incidents now (a user's id), by their numbers."""
    return people.leads(numbers)


def tasks(number: int) -> tuple[Task, ...]:
    """Return what is or was to be done, what is open first."""
    return people.tasks(number)


def open_tasks(kind: TaskKind = TaskKind.TASK, n: int = 100) -> tuple[Task, ...]:
    """Return up to `n` tasks that are not done, of every incident, the one due first first."""
    return people.open_tasks(kind, n)


def links(number: int) -> tuple[IncidentLink, ...]:
    """Return the incidents one is linked with."""
    return people.links(number)


def likely_causes(
    found: Incident, lines: Sequence[Entry], alerts: Sequence[AttachedAlert]
) -> tuple[Evidence, ...]:
    """Return what likely caused an incident, by its lines and alerts; without evidence nothing."""
    return causes.likely(causes.Facts(incident=found, alerts=alerts, entries=lines))


def similar(found: Incident, alerts: Sequence[AttachedAlert]) -> tuple[Evidence, ...]:
    """Return the incidents most like one, each with what they share."""
    others = [one for one in store.latest(_ALIKE) if one.id != found.id]
    theirs = alert_store.of_many([one.id for one in others], 300)
    known = [Known(incident=one, alerts=theirs.get(one.id, ())) for one in others]
    return likeness.similar(Known(incident=found, alerts=alerts), known)


def customers_text(found: Incident) -> str:
    """Return what customers could be told: the draft somebody wrote, or what is suggested."""
    return found.draft or drafting.for_customers(found)


def number_of(key: str) -> int:
    """Return the number of an incident as people write it (`27`, `INC-27`); raises `Invalid`."""
    digits = key.strip().upper().removeprefix("INC-").lstrip("#")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 16):
        raise Invalid(f"{key.strip()[:40]!r} names no incident; write INC-27.", {"incident": "INC-27"})
    return int(digits)


def forget_project(project: int) -> None:
    """Forget which incidents were of a project that is being deleted, in that transaction; they stay, its rules go."""
    store.leave_project(project)
    ruling.forget_project(project)


projects.on_delete(forget_project)
alerts.enter_command("incident", commanding.USAGE, commanding.DOES, Verb.INCIDENT_WRITE, commanding.command)
