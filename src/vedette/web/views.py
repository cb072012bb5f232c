"""The pages that belong to no single room: Overview, settings' front and about, the resolver of short ids."""

import re

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST, require_safe

from vedette.accounts.permissions import Verb, actor_of, may, needs
from vedette.certificates import service as certificates
from vedette.core.errors import NotFound
from vedette.errors import service as errors
from vedette.incidents import service as incidents
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.ui import requests
from vedette.web import about as about_page
from vedette.web import context, finding, gather, overview


@require_safe
@needs(Verb.OVERVIEW_READ)
def show_overview(request: HttpRequest) -> HttpResponse:
    """Answer: is everything fine? If not, what, since when, and who is on it?"""
    actor = actor_of(request)
    page = overview.build(gather.facts(ports().clock.now(), lambda verb: may(actor, verb).allowed))
    return render(request, "web/overview.html", {"page": page})


@require_safe
@needs(Verb.SETTINGS_READ)
def settings(request: HttpRequest) -> HttpResponse:
    """List the settings this member may open."""
    return render(request, "web/settings.html")


@require_safe
@needs(Verb.SETTINGS_READ)
def about(request: HttpRequest) -> HttpResponse:
    """Tell the version, how the certificate stands, the sizes in the data folder, and whose work is inside."""
    data = ports().settings.data
    parts = about_page.parts(data)
    return render(
        request,
        "web/about.html",
        {
            "version": about_page.version(),
            "certificate": certificates.report(ports().clock.now()),
            "data": data.resolve(),
            "parts": parts,
            "total": sum(part.size for part in parts),
            "shipped": about_page.shipped(),
            "libraries": about_page.libraries(),
        },
    )


@require_safe
@needs(Verb.OVERVIEW_READ)
def find(request: HttpRequest) -> HttpResponse:
    """Return what the palette finds for a text, as the options of its list."""
    hits = finding.find(actor_of(request), request.GET.get("q", ""))
    return render(request, "web/_found.html", {"hits": hits})


@require_GET
@needs(Verb.ISSUE_READ)
def go(request: HttpRequest, key: str) -> HttpResponse:
    """Lead from any short id to its page: an issue's key, an incident's, a whole event id, or a project's slug."""
    return HttpResponseRedirect(_place(key))


def _place(key: str) -> str:
    try:
        return f"/issues/{errors.issue(key).short_id}/"
    except NotFound:
        pass
    if re.fullmatch(r"(?i)inc-[0-9]{1,15}", key):
        return incidents.incident(incidents.number_of(key)).link
    try:
        issue, place = errors.find_event(key)
    except NotFound:
        return f"/issues/?project={projects.project(key).slug}"
    return f"/issues/{issue.short_id}/events/{place.event.id[:8]}/"


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Switch between light and dark without script; the choice lives in a cookie the server reads."""
    chosen = "light" if context.theme(request.COOKIES) == "dark" else "dark"
    response = HttpResponseRedirect(requests.back(request, "/"))
    response.set_cookie("theme", chosen, max_age=31_536_000, samesite="Lax")
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Keep crawlers out."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")
