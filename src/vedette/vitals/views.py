"""The page "Web vitals": the pages of a project's visitors, worst first, beside the week before."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vedette.accounts.permissions import Verb, needs
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.vitals import judging, service
from vedette.vitals.types import PageVital, Rating

SHOWN = 200
_TONES = {Rating.GOOD: "ok", Rating.FAIR: "warn", Rating.POOR: "crit"}


class Row(msgspec.Struct, frozen=True):
    """A vital of a page as it is shown."""

    vital: PageVital
    value: str
    tone: str
    change: str
    project: str


@require_safe
@needs(Verb.ISSUE_READ)
def vitals(request: HttpRequest) -> HttpResponse:
    """Show how pages felt in the last 24 hours, of one project or all."""
    known = {project.id: project for project in projects.projects()}
    named = request.GET.get("project", "")
    only = projects.project(named) if named else None
    found = [
        one for one in service.pages(ports().clock.now(), only.id if only else None) if one.project in known
    ]
    context = {
        "project": only, "projects": known.values(), "sentence": judging.sentence(found),
        "rows": [_row(one, known[one.project].name) for one in found[:SHOWN]], "left": max(0, len(found) - SHOWN),
        "thresholds": [(one.label, *(judging.shown(one, bound) for bound in bounds)) for one, bounds in judging.THRESHOLDS.items()],
        "enough": judging.ENOUGH,
    }  # fmt: skip
    return render(request, "vitals/vitals.html", context)


def _row(one: PageVital, project: str) -> Row:
    return Row(one, judging.shown(one.vital, one.now.p75 or 0.0), _TONES[one.rating], _change(one), project)


def _change(one: PageVital) -> str:
    if one.change is None:
        return "nothing to compare with"
    if abs(one.change) < 0.05:
        return "as in the week before"
    return f"{abs(one.change):.0%} {'worse' if one.change > 0 else 'better'} than the week before"
