"""`{% load runbooks %}`: what the page of an incident shows of its runbooks."""

from collections.abc import Mapping

from django import template
from django.template import Context

from vedette.accounts.permissions import Verb, actor_of, may
from vedette.incidents.runbooks import acting, deciding, keeping, reading
from vedette.incidents.types import Incident, StepRun
from vedette.plumbing.ports import ports

register = template.Library()


@register.simple_tag(takes_context=True)
def runbook_card(context: Context, incident: Incident) -> dict[str, object]:
    """Return the runbooks of an incident with their steps, and those that can be attached: `{% runbook_card incident as card %}`."""
    found = acting.attached(incident.id)
    there = {each.slug for each in found}
    may_write = may(actor_of(context.get("request")), Verb.INCIDENT_WRITE).allowed
    labels, now = acting.labels(incident.id), ports().clock.now()
    return {
        "runbooks": [
            {"one": each, "steps": [_step(run, labels, now) for run in each.steps]} for each in found
        ],
        "others": [each for each in keeping.every() if each.slug not in there and each.steps]
        if may_write
        else [],
        "may_write": may_write,
        "base": f"/incidents/{incident.id}/",
    }


def _step(run: StepRun, labels: Mapping[str, str], now: float) -> dict[str, object]:
    return {
        "run": run,
        "command": reading.filled(run.step.command, labels),
        "tone": deciding.tone(run).value,
        "done": run.state == "done",
        "failed": run.state == "failed",
        "running": deciding.runs(run, now),
        "lost": run.state == "running" and not deciding.runs(run, now),
        "automatic": run.step.kind != "manual",
    }
