"""What is wrong with an incident, a rule or a note as somebody writes it, and what could customers be told? Pure."""

import difflib
from collections.abc import Collection

from vedette.incidents.spans import clock
from vedette.incidents.types import Incident, IncidentDraft, IncidentRuleDraft, IncidentState

LONGEST_TITLE = 200
LONGEST_TEXT = 10_000
LONGEST_TASK = 500
MOST_QUIET = 7 * 24 * 60
_LAST = 4_102_444_800.0  # the year 2100
_SEVERITIES = ("info", "low", "high", "critical")


def incident_problems(draft: IncidentDraft, now: float) -> dict[str, str]:
    """Return what is wrong with an incident as it is declared, by field."""
    wrong: dict[str, str] = {}
    if not 1 <= len(draft.title.strip()) <= LONGEST_TITLE:
        wrong["title"] = f"A title has from 1 to {LONGEST_TITLE} characters."
    if len(draft.summary) > LONGEST_TEXT:
        wrong["summary"] = f"At most {LONGEST_TEXT} characters."
    if draft.started_at is not None and not 0 <= draft.started_at <= now + 60:
        wrong["started_at"] = "It began at some time up to now."
    return wrong


def rule_problems(
    draft: IncidentRuleDraft, projects: Collection[int], runbooks: Collection[str] = ()
) -> dict[str, str]:
    """Return what is wrong with a rule, by field; `runbooks` are the slugs it may name."""
    wrong: dict[str, str] = {}
    if not 1 <= len(draft.name.strip()) <= 80:
        wrong["name"] = "A name has from 1 to 80 characters."
    if draft.severity not in _SEVERITIES:
        wrong["severity"] = f"One of {', '.join(_SEVERITIES)}."
    if draft.project is not None and draft.project not in projects:
        wrong["project"] = "There is no such project; it may have been deleted."
    if draft.runbook and draft.runbook not in runbooks:
        wrong["runbook"] = "There is no runbook of this short name; it may have been renamed or deleted."
    if not 0 <= draft.quiet_minutes <= MOST_QUIET:
        wrong["quiet_minutes"] = f"From 0 (never by itself) to {MOST_QUIET} minutes (a week)."
    if len(draft.group_by) > 10 or any(not name or len(name) > 100 for name in draft.group_by):
        wrong["group_by"] = "At most 10 names of labels, parted by commas."
    if len(draft.matchers) > 50:
        wrong["matchers"] = "At most 50 matchers."
    if draft.runbook and draft.runbook not in runbooks:
        near = difflib.get_close_matches(draft.runbook, runbooks, 1)
        hint = f"did you mean {near[0]}?" if near else "write it first, or leave this empty."
        wrong["runbook"] = f"There is no runbook {draft.runbook}; {hint}"
    return wrong


def text_problems(text: str, longest: int = LONGEST_TEXT) -> dict[str, str]:
    """Return what is wrong with a text: a note, a task, a draft for customers."""
    return {} if 1 <= len(text.strip()) <= longest else {"text": f"From 1 to {longest} characters."}


def instant_problems(at: float | None) -> dict[str, str]:
    """Return what is wrong with an instant until which something is to be done."""
    return {} if at is None or 0 <= at <= _LAST else {"due_at": "A time lies between 1970 and 2100."}


def for_customers(incident: Incident) -> str:
    """Return what customers could be told as far as the incident is: a draft that names nothing of the inside."""
    since = clock(incident.started_at)
    if incident.state is IncidentState.OPEN:
        return f"Since {since} parts of our service do not work as they should. We are looking into it."
    if incident.state is IncidentState.ACKNOWLEDGED:
        return f"Since {since} parts of our service do not work as they should. We know of it and are working on it."
    until = clock(incident.mitigated_at or incident.resolved_at or incident.updated_at)
    if incident.state is IncidentState.MITIGATED:
        return f"From {since} to {until} parts of our service did not work as they should. They work again; we keep watching."
    return f"From {since} to {until} parts of our service did not work as they should. This is over, and we are sorry for the trouble."
