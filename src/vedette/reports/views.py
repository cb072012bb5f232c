"""The pages of digests: the list, one of them, and who gets them by mail."""

from collections.abc import Sequence

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs, open_to_all
from vedette.core.errors import Invalid, NotFound
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.reports import service
from vedette.reports.forms import SubscriptionForm
from vedette.reports.types import Digest, Period

MINE = "/digests/mine/"


class Row(msgspec.Struct, frozen=True):
    """A digest as the list shows it."""

    digest: Digest
    named: str
    verdict: str
    tone: str


@require_safe
@needs(Verb.REPORT_READ)
def digests(request: Request) -> HttpResponse:
    """Show the digests of a project, or of all of them, newest first."""
    known = projects.projects()
    slug = request.GET.get("project", "")
    only = projects.project(slug) if slug else None
    asked = request.GET.get("period", "")
    period = Period(asked) if asked in set(Period) else None
    page = service.digests(
        request.actor, only.id if only else None, period, request.GET.get("cursor") or None
    )
    rows = [_row(one) for one in page.digests]
    context = {
        "project": only, "projects": known, "period": period, "periods": list(Period), "rows": rows, "page": page,
        "tone": rows[0].tone if rows else "off", "sentence": rows[0].verdict if rows else "No day is over yet",
        "said": rows[0].named if rows else "The first digest is made after midnight.",
    }  # fmt: skip
    return render(request, "reports/digests.html", context)


@require_safe
@needs(Verb.REPORT_READ)
def digest(request: Request, digest_id: int) -> HttpResponse:
    """Show a digest."""
    found = service.digest(request.actor, digest_id)
    whose = next((one for one in projects.projects() if one.id == found.project), None)
    context = {"row": _row(found), "digest": found, "project": whose}
    return render(request, "reports/digest.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.NOTIFY_OWN)
def mine(request: Request) -> HttpResponse:
    """Say which digests one gets by mail."""
    known = projects.projects()
    named = request.POST.get("period") if request.method == "POST" else None
    forms = [_form(request, period, known, named) for period in Period]
    bound = [form for form in forms if form.is_bound]
    if bound and all(_keep(request, form) for form in bound):
        return HttpResponseRedirect(MINE)
    context = {"forms": forms, "mails": ports().mail.configured()}
    return render(request, "reports/mine.html", context, status=422 if bound else 200)


@csrf_exempt  # a mail program posts here by itself (RFC 8058); the token of the link is what allows it
@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """End digests by the link of a mail: a page that asks, and a button that does it."""
    period = service.leaving(token)
    if period is None:
        raise NotFound("This link is not one of ours, or it was cut short.")
    gone = request.method == "POST" and service.leave(token, ports().clock.now()) is not None
    return render(request, "reports/leave.html", {"period": period, "gone": gone})


def _form(request: Request, period: Period, known: Sequence[Project], named: str | None) -> SubscriptionForm:
    return SubscriptionForm(
        service.subscription(request.actor, period), known, request.POST if named == period else None
    )


def _keep(request: Request, form: SubscriptionForm) -> bool:
    if not form.is_valid():
        return False
    try:
        kept = service.subscribe(request.actor, form.subscription(), ports().clock.now())
    except Invalid as error:
        form.blame(error)
        return False
    what = f"The {kept.period} digest"
    messages.success(request, f"{what} comes by mail." if kept.enabled else f"{what} is not mailed to you.")
    return True


def _row(found: Digest) -> Row:
    tones = [one.tone for one in found.sections]
    tone = next((tone for tone in ("crit", "warn") if tone in tones), "ok")
    return Row(found, service.named(found), service.verdict(found), tone)
