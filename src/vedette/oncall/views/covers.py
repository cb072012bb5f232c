"""Taking over, asking for a swap, accepting one, and taking it back."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.accounts.types import UserRef
from vedette.core import zones
from vedette.core.errors import Conflict, Invalid
from vedette.oncall import service, walls
from vedette.oncall.forms.covers import CoverForm, SwapForm
from vedette.oncall.types import Cover, CoverKind, Schedule
from vedette.oncall.views.common import PAGE, names, now, posted
from vedette.ui.requests import zone

_HOUR = 3_600.0


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.ONCALL_COVER)
def cover(request: Request, schedule_id: int) -> HttpResponse:
    """Take over from others for a time, or listen along."""
    schedule, team = service.schedule(schedule_id), _team()
    anybody = may(request.actor, Verb.ONCALL_WRITE).allowed
    takers = team if anybody else [one for one in team if one.id == request.actor.id]
    form = CoverForm(team, takers, zone(request), posted(request), _start(request, schedule))
    if form.is_bound and form.is_valid():
        try:
            return _covered(request, schedule, form)
        except Invalid as error:
            form.blame(error)
    context = {"form": form, "schedule": schedule, "zone": zone(request)}
    return render(request, "oncall/cover.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.ONCALL_COVER)
def swap(request: Request, schedule_id: int) -> HttpResponse:
    """Ask somebody to swap."""
    schedule = service.schedule(schedule_id)
    others = [one for one in _team() if one.id != request.actor.id]
    form = SwapForm(others, zone(request), posted(request), _swap_start(request, schedule))
    if form.is_bound and form.is_valid():
        try:
            mine = form.instant("starts"), form.instant("ends")
            theirs = form.instant("their_starts"), form.instant("their_ends")
            other, reason = form.cleaned_data["other"], form.cleaned_data["reason"]
            service.ask_swap(request.actor, schedule_id, mine, other, theirs, reason, now())
        except Invalid as error:
            form.blame(error)
        else:
            messages.success(
                request,
                f"{names()[other]} is asked, and sees it on this page. Nothing changes before they accept.",
            )
            return HttpResponseRedirect(PAGE)
    context = {"form": form, "schedule": schedule, "zone": zone(request), "nobody": not others}
    return render(request, "oncall/swap.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Verb.ONCALL_COVER)
def accept(request: Request, cover_id: int) -> HttpResponse:
    """Accept a swap."""
    try:
        done = service.accept_swap(request.actor, cover_id, now())
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The swap holds.", extra_tags=f"{PAGE}covers/{done.id}/drop/")
    return HttpResponseRedirect(PAGE)


@require_POST
@needs(Verb.ONCALL_COVER)
def drop(request: Request, cover_id: int) -> HttpResponse:
    """Take a cover back, or decline a swap."""
    found = service.drop_cover(request.actor, cover_id, now())
    said = (
        "The swap is declined."
        if found.kind is CoverKind.ASKED
        else "The cover is gone; the layers say who is on."
    )
    messages.success(request, said)
    return HttpResponseRedirect(PAGE)


def _covered(request: Request, schedule: Schedule, form: CoverForm) -> HttpResponse:
    given = form.cleaned_data
    draft = Cover(
        id=0, schedule=schedule.id, user=given["user"], instead=given["instead"], starts=form.instant("starts"),
        ends=form.instant("ends"), kind=CoverKind(given["kind"]), reason=given["reason"],
    )  # fmt: skip
    made = service.take_over(request.actor, draft, now())
    who, until = names()[made.user], walls.told(made.ends, now(), zone(request))
    verb = "listens along" if made.kind is CoverKind.SHADOW else "is on call"
    messages.success(
        request, f"{who} {verb} in {schedule.name} until {until}.", extra_tags=f"{PAGE}covers/{made.id}/drop/"
    )
    return HttpResponseRedirect(PAGE)


def _start(request: Request, schedule: Schedule) -> Mapping[str, object]:
    """Return what the form of a cover says at first: oneself, for what is left of the shift that is on."""
    at, own = now(), zone(request)
    (turn,) = [one for one in service.turns(at) if one.schedule.id == schedule.id]
    ends = turn.now.ends if turn.then else at + 8 * _HOUR
    told = {
        "starts": _typed(at, own),
        "ends": _typed(ends, own),
        "user": request.actor.id,
        "kind": "override",
    }
    return {
        **told,
        **{
            name: request.GET[name][:40]
            for name in ("starts", "ends", "instead", "kind")
            if name in request.GET
        },
    }


def _swap_start(request: Request, schedule: Schedule) -> Mapping[str, object]:
    """Return what the form of a swap says at first: one's own next shift that is ahead."""
    at, own = now(), zone(request)
    found = service.own_shifts(request.actor.id, at, at + 90 * 86_400.0)
    shift = next((one for of, one in found if of.id == schedule.id and one.starts > at), None)
    return {} if shift is None else {"starts": _typed(shift.starts, own), "ends": _typed(shift.ends, own)}


def _typed(at: float, zone: str) -> str:
    return f"{zones.local(at, zone):%Y-%m-%dT%H:%M}"


def _team() -> list[UserRef]:
    return sorted(accounts.user_refs().values(), key=lambda one: one.name.casefold())
