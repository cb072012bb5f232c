"""Telling customers of an incident of the house: its draft, on the page that is chosen, asked once more before it goes."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs, require
from vedette.core.errors import Invalid, NotFound
from vedette.incidents import service as incidents
from vedette.incidents.types import Incident, IncidentState, Sev
from vedette.plumbing.ports import ports
from vedette.status import composing, service
from vedette.status.forms import IncidentForm
from vedette.status.types import Impact, NoticeKind, PageIncident, Progress, StatusPage

_PROGRESS = {
    IncidentState.OPEN: Progress.INVESTIGATING,
    IncidentState.ACKNOWLEDGED: Progress.IDENTIFIED,
    IncidentState.MITIGATED: Progress.MONITORING,
    IncidentState.RESOLVED: Progress.RESOLVED,
    IncidentState.MERGED: Progress.RESOLVED,
}
_TITLE = "Parts of our service do not work as they should"  # its name inside may say too much
_IMPACTS = {Sev.ONE: Impact.DOWN, Sev.TWO: Impact.SLOW, Sev.THREE: Impact.SLOW, Sev.FOUR: Impact.NONE}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.STATUS_WRITE)
def tell(request: Request, number: int) -> HttpResponse:
    """Show what visitors would read of an incident, and publish it; nothing is ever published by itself."""
    require(request.actor, Verb.INCIDENT_WRITE)
    incident, pages = incidents.incident(number), service.pages()
    page = _chosen(incident, pages, request.GET.get("page", ""))
    if page is None:
        return render(request, "status/tell.html", {"incident": incident})
    before = _told(incident, page)
    form = _form(incident, page, before, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            _publish(request, incident, page, before, form)
        except Invalid as error:
            form.blame(error)
        else:
            messages.success(request, "It stands on the page within a second or two.")
            return HttpResponseRedirect(incident.link)
    context = {
        "incident": incident, "page": page, "pages": pages if before is None else [page], "form": form, "before": before,
        "n": service.subscriber_counts([page]).get(page.id, 0), "url": service.url(page),
        "updates": [{"word": composing.phase(before, one), "one": one} for one in before.updates] if before else [],
    }  # fmt: skip
    bad = form.is_bound and bool(form.errors)
    return render(request, "status/tell.html", context, status=422 if bad else 200)


def _chosen(incident: Incident, pages: tuple[StatusPage, ...], asked: str) -> StatusPage | None:
    """Return the page on which it was told already, else the one that is asked for, else the first."""
    by_slug = {page.slug: page for page in pages}
    told = by_slug.get(incident.announced[0]) if incident.announced else None
    return told or by_slug.get(asked) or next(iter(pages), None)


def _told(incident: Incident, page: StatusPage) -> PageIncident | None:
    if incident.announced is None or incident.announced[0] != page.slug:
        return None
    try:
        return service.incident(page, incident.announced[1])
    except NotFound:  # it was removed from the page since
        return None


def _form(
    incident: Incident, page: StatusPage, before: PageIncident | None, posted: Mapping[str, object] | None
) -> IncidentForm:
    form = IncidentForm(page, NoticeKind.INCIDENT, before, posted)
    form.initial.update(
        {"text": incidents.customers_text(incident), "progress": str(_PROGRESS[incident.state])}
    )
    if before is None:
        form.initial.update({"title": _TITLE, "impact": str(_IMPACTS[incident.severity])})
    return form


def _publish(
    request: Request, incident: Incident, page: StatusPage, before: PageIncident | None, form: IncidentForm
) -> None:
    draft, now = form.draft(), ports().clock.now()
    if before is None:
        made = service.announce(request.actor, page, draft, now)
    else:
        made = service.say(request.actor, page, before, draft, now)
    incidents.announced(request.actor, incident.id, page.slug, made.id, draft.text, now)
