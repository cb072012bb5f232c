"""Collects what a draft is made of: the incident with all that stands around it, and what was counted meanwhile."""

from collections.abc import Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.core.errors import Invalid, NotFound
from vedette.errors import service as errors
from vedette.errors.types import SERIES, Issue
from vedette.incidents import service as incidents
from vedette.incidents.metrics import timing
from vedette.incidents.postmortem import figuring
from vedette.incidents.postmortem.drafting import Material
from vedette.incidents.postmortem.types import SETTINGS, Counted, Figures, PostMortemRules
from vedette.incidents.types import SECRET_KINDS, AttachedAlert, Entry, EntryKind, Incident, TaskKind
from vedette.plumbing.ports import ports
from vedette.signals import service as signals

WEEK = 7 * 86_400.0
_MOST_ISSUES = 20
_MOST_BUCKETS = 500
_FINEST = 60.0


def rules() -> PostMortemRules:
    """Return how post-mortems are made here."""
    entry = ports().kv.get(SETTINGS)
    if entry is None or not entry.value:
        return PostMortemRules()
    return msgspec.json.decode(entry.value, type=PostMortemRules)


def material(incident: Incident, now: float) -> Material:
    """Return all that the draft of an incident's post-mortem is made of: whoever reads incidents reads it."""
    entries, alerts = _for_all(incidents.entries(incident.id)), incidents.alerts_of(incident.id)
    responders = incidents.responders(incident.id)
    names = accounts.user_refs([each.user for each in responders])
    return Material(
        incident=incident, figures=_figures(incident, entries, alerts, now), rules=rules(), entries=entries,
        causes=incidents.likely_causes(incident, entries, alerts), similar=incidents.similar(incident, alerts),
        tasks=tuple(task for task in incidents.tasks(incident.id) if task.kind is TaskKind.ACTION),
        people=tuple(names[each.user].name for each in responders if each.user in names),
        alerts=incidents.standing(incident.id)[0],
    )  # fmt: skip


def figures(incident: Incident, now: float) -> Figures:
    """Return the figures of an incident as they are now."""
    return _figures(incident, incidents.entries(incident.id), incidents.alerts_of(incident.id), now)


def _for_all(entries: Sequence[Entry]) -> list[Entry]:
    """Return the lines that everybody may read, and those of the others that somebody pinned."""
    return [entry for entry in entries if entry.kind not in SECRET_KINDS or entry.pinned]


def _figures(
    incident: Incident, entries: Sequence[Entry], alerts: Sequence[AttachedAlert], now: float
) -> Figures:
    end = timing.over_at(incident) or now
    counted = Counted(
        failed=_failed(incident.project, incident.started_at, end),
        usual=_failed(incident.project, incident.started_at - WEEK, end - WEEK),
        users=_users(incident, entries, alerts),
    )
    return figuring.figures(incident, counted, rules(), now)


def _failed(project: int | None, start: float, end: float) -> float | None:
    """Return how many errors a project had in a time, None for an incident of no project."""
    series = signals.catalogue().get(SERIES)
    if series is None or project is None or end <= start:
        return None
    step = max(_FINEST, (end - start) / _MOST_BUCKETS)
    return float(sum(series.read({"project": str(project)}, start, end, step)))


def _users(incident: Incident, entries: Sequence[Entry], alerts: Sequence[AttachedAlert]) -> int | None:
    """Return the most users any issue had that began with the incident: they may be the same from issue to issue."""
    told = [entry.subject for entry in entries if entry.kind is EntryKind.ISSUE]
    keys = dict.fromkeys([*(alert.subject for alert in alerts), *told])
    found = [issue for key in list(keys)[:_MOST_ISSUES] if (issue := _issue(key)) is not None]
    users = [issue.users for issue in found if issue.first_seen >= incident.started_at - _FINEST]
    return max(users) if users else None


def _issue(key: str) -> Issue | None:
    try:
        return errors.issue(key)
    except (NotFound, Invalid):
        return None
