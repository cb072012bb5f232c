"""The page of browsers' reports: what failed in browsers, what policies refused, and the policy that this justifies."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import Invalid
from vedette.errors.present import reported as present
from vedette.errors.reported import service
from vedette.errors.views.common import now
from vedette.projects import service as projects
from vedette.projects.types import Project

SPANS = (1, 7, 14, 30, 90)


@require_safe
@needs(Verb.ISSUE_READ)
def reports(request: HttpRequest) -> HttpResponse:
    """Show what the browsers of a project's visitors reported; of the project that has most, when none is named."""
    days, known = _days(request.GET.get("days", "")), projects.projects()
    counts = service.reporting(days, now())
    named = request.GET.get("project", "")
    project = projects.project(named) if named else _busiest(known, counts)
    lines = service.lines(project.slug, days, now()) if project else ()
    context = {
        "project": project, "projects": known, "days": days, "spans": SPANS, "lines": lines,
        "sentence": present.sentence(lines, days), "network": present.network(lines), "refused": present.refused(lines),
        "others": present.others(lines), "proposal": service.propose(project.slug, days, now()) if project else None,
    }  # fmt: skip
    return render(request, "errors/reports.html", context)


def _days(text: str) -> int:
    if not text:
        return service.DAYS
    if not text.isdecimal() or not 1 <= int(text) <= service.KEPT_DAYS:
        raise Invalid(f"Reports are kept for {service.KEPT_DAYS} days.", {"days": "A number of days."})
    return int(text)


def _busiest(known: Sequence[Project], counts: dict[int, int]) -> Project | None:
    return max(known, key=lambda project: counts.get(project.id, 0), default=None)
