"""The pages of incidents: what is open and what was, declare one by hand, and one with its story."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.alerts import service as alerts
from vedette.core.errors import Invalid
from vedette.incidents import service, severity, verdict
from vedette.incidents.forms import DeclareForm
from vedette.incidents.types import Impact, Incident, IncidentState, Urgency
from vedette.incidents.views import portrait
from vedette.incidents.views.portrait import SEV_TONES, Asked
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.ui import requests, words
from vedette.ui.pager import Page

PAGE = "/incidents/"
_PAST = 50


@require_safe
@needs(Verb.INCIDENT_READ)
def incidents(request: Request) -> HttpResponse:
    """Answer: what is broken now, and what is next? Open ones first, then those that are over, by month."""
    now, zone = _now(), requests.zone(request)
    found = service.open_incidents(now)
    past, cursor = service.incidents(request.GET.get("cursor") or None, _PAST)
    context = {
        "verdict": verdict.of_list(found, bool(past), now),
        "rows": _rows(found),
        "months": [
            (month, list(rows))
            for month, rows in groupby(_rows(past), key=lambda row: _month(row["one"], zone))
        ],
        "page": Page(past, cursor),
        "may_write": may(request.actor, Verb.INCIDENT_WRITE).allowed,
        "rules": len(service.rules()),
        "tab": "incidents",
    }
    return render(request, "incidents/incidents.html", context)


@require_safe
@needs(Verb.INCIDENT_READ)
def incident(request: Request, number: int) -> HttpResponse:
    """Show one incident: how far it is, what happened when, who does what, what is likely."""
    found = service.incident(number)
    line = request.GET.get("line", "")
    asked = Asked(
        show=request.GET.get("show", "")[:12], whole="all" in request.GET,
        line=int(line) if line.isascii() and line.isdecimal() and len(line) < 16 else 0, zone=requests.zone(request),
    )  # fmt: skip
    context = portrait.context(request.actor, found, asked, _now())
    slug = next((each.slug for each in projects.projects() if each.id == found.project), "")
    return render(
        request, "incidents/incident.html", {**context, "project": slug, "here": request.get_full_path()}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.INCIDENT_WRITE)
def declare(request: Request) -> HttpResponse:
    """Declare an incident by hand; `?alert=` begins with what one alert says."""
    posted = request.POST if request.method == "POST" else None
    form = DeclareForm(projects.projects(), _asked(request), posted)
    if form.is_bound and form.is_valid() and "suggest" not in request.POST:
        try:
            made = service.declare(request.actor, form.draft(), _now(), fingerprints=form.fingerprints())
        except Invalid as error:
            form.blame(error)
        else:
            messages.success(request, f"{made.key} is declared. Its timeline fills by itself.")
            return HttpResponseRedirect(made.link)
    said = _suggested(form)
    bad = form.is_bound and bool(form.errors)
    return render(
        request,
        "incidents/new.html",
        {"form": form, "suggested": said, "matrix": _matrix()},
        status=422 if bad else 200,
    )


def _rows(found: Sequence[Incident]) -> list[dict[str, object]]:
    leads = service.leads([one.id for one in found])
    names = accounts.user_refs(leads.values())
    return [_row(one, names[leads[one.id]].name if leads.get(one.id) in names else "") for one in found]


def _row(one: Incident, lead: str) -> dict[str, object]:
    tone, word = verdict.STATES[one.state]
    end = one.resolved_at or one.updated_at
    return {
        "one": one, "tone": tone, "word": word, "sev_tone": SEV_TONES[one.severity] if one.is_open else "", "lead": lead,
        "lasted": words.duration(max(1.0, end - one.started_at)) if one.state is IncidentState.RESOLVED else "",
    }  # fmt: skip


def _month(one: object, zone: str) -> str:
    return f"{words.local(one.started_at, zone):%B %Y}" if isinstance(one, Incident) else ""


def _asked(request: Request) -> dict[str, object]:
    """Return what the form begins with: what the address says, or the alert it names."""
    asked: dict[str, object] = {
        name: request.GET[name] for name in ("title", "impact", "urgency") if name in request.GET
    }
    found = alerts.of_fingerprints([request.GET.get("alert", "")[:16]]) if "alert" in request.GET else ()
    for alert in found:
        asked |= {
            "title": alert.title[:200],
            "alerts": alert.fingerprint,
            "project": str(alert.project or ""),
        }
    return asked


def _suggested(form: DeclareForm) -> str:
    """Return the severity of the impact and the urgency that are chosen, and why."""
    chosen: Mapping[str, object] = {name: form[name].value() for name in ("impact", "urgency")}
    try:
        return severity.of(Impact(str(chosen["impact"])), Urgency(str(chosen["urgency"])))[1]
    except ValueError:
        return ""


def _matrix() -> list[tuple[str, list[int]]]:
    return [
        (text, [int(severity.MATRIX[impact, urgency]) for urgency in Urgency])
        for impact, text in severity.IMPACTS.items()
    ]


def _now() -> float:
    return ports().clock.now()
