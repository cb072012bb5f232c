"""The door of the deploy hook, and the settings page that gives it a secret."""

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs, open_to_all
from vedette.core.errors import VedetteError
from vedette.deploys import service
from vedette.deploys.hooks import MOST_BYTES
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.ui import problem


@csrf_exempt  # it acts by no session: the message is signed
@require_POST
@open_to_all
def receive(request: Request, slug: str) -> HttpResponse:
    """Record the deploy a signed message tells of: 201, 200 when there is nothing to record, else problem+json."""
    if len(request.body) > MOST_BYTES:
        return problem.problem(413, f"A hook's message has at most {MOST_BYTES} bytes. Nothing was changed.")
    try:
        done, reason = service.receive(slug, request.body, request.headers, _now())
    except VedetteError as error:
        return problem.from_error(error)
    told = {"recorded": done is not None and done.is_new, "reason": reason}
    if done is not None:
        told |= {"id": done.deploy.id, "version": done.deploy.version}
    status = 201 if told["recorded"] else 200
    return HttpResponse(msgspec.json.encode(told), status=status, content_type="application/json")


@require_safe
@needs(Verb.DEPLOY_READ)
def hook(request: Request, slug: str) -> HttpResponse:
    """Show where a project's deploys are told, and whether anything tells them."""
    return _page(request, projects.project(slug))


@require_POST
@needs(Verb.PROJECT_WRITE)
def make_hook(request: Request, slug: str) -> HttpResponse:
    """Make a new secret and show it once."""
    project = projects.project(slug)
    return _page(request, project, service.make_hook(request.actor, project, _now()))


@require_POST
@needs(Verb.PROJECT_WRITE)
def drop_hook(request: Request, slug: str) -> HttpResponse:
    """Take the hook away."""
    project = projects.project(slug)
    service.drop_hook(request.actor, project, _now())
    messages.success(request, "The hook is gone: what is sent to it is refused.")
    return HttpResponseRedirect(f"/settings/projects/{project.slug}/deploys/")


def _page(request: Request, project: Project, secret: str = "") -> HttpResponse:
    base = f"/settings/projects/{project.slug}/deploys/"
    context = {
        "project": project, "secret": secret, "hook": service.hook(project.id),
        "address": f"{ports().settings.public_url}/hooks/deploys/{project.slug}/",
        "make_action": f"{base}secret/", "drop_action": f"{base}drop/",
        "may_write": may(request.actor, Verb.PROJECT_WRITE).allowed,
        "command": f"vedette deploys add {project.slug} --version 2026.11.24-3 --environment production",
    }  # fmt: skip
    return render(request, "deploys/hook.html", context)


def _now() -> float:
    return ports().clock.now()
