"""The pages of deploys: what went out, and what came with a version."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import NotFound
from vedette.deploys import service
from vedette.deploys.types import Deploy, Rollout
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.web import deploys as page

_HEARD = 20


@require_safe
@needs(Verb.DEPLOY_READ)
def deploys(request: HttpRequest) -> HttpResponse:
    """List what went out, newest first, with what came of it."""
    now = ports().clock.now()
    named = request.GET.get("project", "")
    only = projects.project(named) if named else None
    known = {project.id: project for project in projects.projects()}
    listed = service.deploys(only.id if only else None, request.GET.get("cursor") or None)
    lines = [page.line(one, known[one.project], now) for one in listed.deploys if one.project in known]
    heard = [pair for project in ([only] if only else known.values()) for pair in page.heard(project)]
    context = {
        "sentence": page.sentence(lines, now), "lines": lines, "page": listed, "project": only, "projects": known.values(),
        "heard": sorted(heard, key=lambda pair: -pair[0].at)[:_HEARD], "chart": page.week(only, now),
        "command": f"vedette deploys add {only.slug if only else 'shop'} --version 2026.11.24-3",
    }  # fmt: skip
    return render(request, "web/deploys.html", context)


@require_safe
@needs(Verb.DEPLOY_READ)
def deploy(request: HttpRequest, version: str) -> HttpResponse:
    """Show a version: when it went out, the issues that came up with it, and events before and after."""
    now = ports().clock.now()
    told = service.of_version(version)
    project = page.project_of(told, request.GET.get("project", "")) or _project_that_heard(version)
    ours = [one for one in told if one.project == project.id]
    rollout, span = _rollout(project, version, ours, now)
    found = page.found(project, span)
    context = {
        "version": version, "project": project, "rollout": rollout, "span": span, "deploys": ours, "issues": found,
        "new": sum(one.is_new for one in found), "back": sum(not one.is_new for one in found),
        "counts": page.counts(project, rollout.at, now), "chart": page.around(project, rollout.at, now),
        "query": page.query(project, version),
        "others": _others(told, project),
    }  # fmt: skip
    return render(request, "web/deploy.html", context)


def _rollout(project: Project, version: str, ours: Sequence[Deploy], now: float) -> tuple[Rollout, page.Span]:
    """Return how a version of a project went out and while it was the last; raises `NotFound` when nobody knows it."""
    if ours:
        return service.rollout_of(ours[0], project), page.span_of(ours[0], now)
    heard = service.before(project, now, version)
    if heard is None or not version:
        raise NotFound(f"No deploy and no event of {project.name} named the version {version[:60]}.")
    return heard, page.Span(heard.at, now + 1.0, is_last=True)


def _project_that_heard(version: str) -> Project:
    for project in projects.projects():
        if projects.release(project.id, version):
            return project
    raise NotFound(f"No deploy and no event named the version {version[:60]}; the list is at /deploys/.")


def _others(told: Sequence[Deploy], project: Project) -> list[Project]:
    """Return the other projects of which a version of this name went out."""
    ids = {one.project for one in told} - {project.id}
    return [one for one in projects.projects() if one.id in ids]
