"""The pages of targets: what is scanned and how it fares, one with its scans, and the form."""

from collections.abc import Sequence

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Conflict, Invalid, VedetteError
from vedette.plumbing.ports import ports
from vedette.scans import service, targets, verdict
from vedette.scans.forms import TargetForm
from vedette.scans.types import Asked, Bill, Known, Outcome, Scan, Target

PAGE = "/findings/targets/"
_TONES = {
    Outcome.BLIND: ("crit", "Could not know"), Outcome.FOUND: ("warn", "Open findings"), Outcome.CLEAN: ("ok", "Nothing open"),
    None: ("off", "Not scanned yet"),
}  # fmt: skip
_OPEN = 10


class Row(msgspec.Struct, frozen=True):
    """A target as a list shows it: what it is called, its tone and word, and by whom it is looked at."""

    one: Target
    href: str
    name: str
    tone: str
    word: str
    by: str


class Made(msgspec.Struct, frozen=True):
    """A scan as a list shows it."""

    one: Scan
    tone: str
    word: str
    sentence: str


class Weak(msgspec.Struct, frozen=True):
    """An open finding of a target as a list shows it."""

    href: str
    name: str
    tone: str
    word: str
    place: str


@require_safe
@needs(Verb.FINDING_READ)
def every(request: Request) -> HttpResponse:
    """Answer: could every scan look, and what did they find?"""
    found = service.every()
    context = {
        "verdict": targets.faring(found), "rows": [row(one) for one in found], "tab": "targets",
        "may_write": may(request.actor, Verb.SCAN_WRITE).allowed, "here": request.get_full_path(),
    }  # fmt: skip
    return render(request, "scans/targets.html", context)


@require_safe
@needs(Verb.FINDING_READ)
def one(request: Request, number: int) -> HttpResponse:
    """Show a target: how it fares, what is open, its scans and bills, and how it is proven to be ours."""
    found = service.target(number)
    opened, _ = service.findings(Asked(target=number), None, _OPEN)
    made = service.scans(number)
    context = {
        "row": row(found), "one": found, "open": [_weak(each) for each in opened], "scans": [_made(each) for each in made],
        "last": made[0] if made else None, "bills": _pairs(service.bills(number)), "ours": service.is_ours(found), "prove": _proof(found),
        "may_write": may(request.actor, Verb.SCAN_WRITE).allowed, "here": request.get_full_path(),
    }  # fmt: skip
    return render(request, "scans/target.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.SCAN_WRITE)
def add(request: Request) -> HttpResponse:
    """Have something scanned again and again."""
    form = TargetForm(request.POST if request.method == "POST" else None, offered=service.offered())
    if form.is_bound and form.is_valid():
        try:
            made = service.add(request.actor, form.draft(), _now())
        except Invalid as error:
            form.blame(error)
        else:
            messages.success(request, f"{made.name or made.target} is scanned within a minute.")
            return HttpResponseRedirect(f"{PAGE}{made.id}/")
    return _asked(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.SCAN_WRITE)
def edit(request: Request, number: int) -> HttpResponse:
    """Change how often a target is scanned, its name, project and options."""
    found = service.target(number)
    form = TargetForm(
        request.POST if request.method == "POST" else None, offered=service.offered(), one=found
    )
    if form.is_bound and form.is_valid():
        try:
            service.edit(request.actor, number, form.draft(), _now())
        except Invalid as error:
            form.blame(error)
        else:
            messages.success(request, "Saved.")
            return HttpResponseRedirect(f"{PAGE}{number}/")
    return _asked(request, form, found)


@require_POST
@needs(Verb.SCAN_WRITE)
def run(request: Request, number: int) -> HttpResponse:
    """Have a target scanned at once."""
    try:
        service.run_now(request.actor, number, _now())
        messages.success(request, "It is scanned as soon as nothing else runs.")
    except Conflict as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(f"{PAGE}{number}/")


@require_POST
@needs(Verb.SCAN_WRITE)
def remove(request: Request, number: int) -> HttpResponse:
    """Take a target away, with its findings."""
    found = service.target(number)
    service.remove(request.actor, number, _now())
    messages.success(request, f"{found.name or found.target} is scanned no longer; its findings are gone.")
    return HttpResponseRedirect(PAGE)


def row(one: Target) -> Row:
    """Return a target as a list shows it."""
    tone, word = ("off", "Scanning now") if one.running_since else _TONES[one.outcome]
    return Row(one, f"{PAGE}{one.id}/", one.name or one.target, tone, word, _by(one))


def _by(one: Target) -> str:
    if one.host:
        return "its agent"
    if one.location:
        return f"the location {one.location}"
    return "this server" if service.is_ours(one) and one.every else "reports that are sent"


def _made(one: Scan) -> Made:
    return Made(one, *_TONES[one.outcome], targets.sentence(one))


def _weak(one: Known) -> Weak:
    return Weak(
        f"/findings/{one.id}/",
        one.name,
        verdict.TONES[one.severity],
        one.severity.value,
        one.finding.place,
    )


def _pairs(found: Sequence[Bill]) -> list[tuple[Bill, Bill | None]]:
    """Return bills, each with the one before it (None for the oldest)."""
    return [(one, found[n + 1] if n + 1 < len(found) else None) for n, one in enumerate(found)]


def _proof(found: Target) -> str:
    try:
        return service.how_to_prove(found)
    except VedetteError:  # what names no host cannot be proven, and its scan says so
        return ""


def _asked(request: Request, form: TargetForm, found: Target | None) -> HttpResponse:
    context = {"form": form, "one": found, "name": (found.name or found.target) if found else ""}
    return render(request, "scans/target_form.html", context, status=422 if form.is_bound else 200)


def _now() -> float:
    return ports().clock.now()
