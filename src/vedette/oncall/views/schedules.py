"""The pages of one schedule: how it goes, making, changing and deleting it."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.accounts.types import UserRef
from vedette.core.errors import Conflict, Invalid
from vedette.oncall import drawing, gaps, saying, schedules, service, standing
from vedette.oncall.forms.schedule import ScheduleForm
from vedette.oncall.rotating import Rota
from vedette.oncall.standing import DAY
from vedette.oncall.types import Layer, Schedule, ScheduleDraft
from vedette.oncall.views.common import PAGE, names, now, posted, rows, told
from vedette.ui.requests import zone

_PREVIEW_DAYS, _LATEST = 28, 365


@require_safe
@needs(Verb.ONCALL_READ)
def one(request: Request, schedule_id: int) -> HttpResponse:
    """Show how a schedule goes: two weeks of it, its layers in words, and its covers."""
    at, own, known, me = now(), zone(request), names(), request.actor.id
    later = _later(request)
    of = drawing.shown(at, own, later=later)
    schedule = service.schedule(schedule_id)
    rota = standing.rota(schedule, min(of.start, at), max(of.end, at + standing.AHEAD))
    turn = standing.turn_of(rota, at)
    writes, covers = (may(request.actor, verb).allowed for verb in (Verb.ONCALL_WRITE, Verb.ONCALL_COVER))
    context = {
        "schedule": schedule, "sentence": saying.next_page(turn, known, at, own), "tone": "ok" if turn.now.people else "crit",
        "rows": rows(rota, of, known, me), "days": drawing.days(of), "of": of, "gaps": gaps.coming(rota, at),
        "layers": [(layer, saying.layer(layer), _people(layer, known)) for layer in reversed(schedule.layers)],
        "skipped": _skipped(schedule, known), "covers": [told(each, known, me, writes=writes, covers=covers) for each in service.covers(at, at + 400 * DAY, schedule_id)],
        "may_write": writes and not schedule.source, "may_cover": covers, "earlier": later - drawing.DAYS, "later": later + drawing.DAYS,
        "on_calendar": later, "may_later": later < _LATEST, "may_earlier": later > -_LATEST,
    }  # fmt: skip
    return render(request, "oncall/schedule.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.ONCALL_WRITE)
def new(request: Request) -> HttpResponse:
    """Make a schedule."""
    people = _team()
    mine = tuple((one.id,) for one in people if one.id == request.actor.id)
    start = ScheduleDraft(name="", zone=zone(request), layers=(Layer(name="Everybody", people=mine),))
    return _form(request, start, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.ONCALL_WRITE)
def edit(request: Request, schedule_id: int) -> HttpResponse:
    """Change a schedule."""
    schedule = service.schedule(schedule_id)
    return _form(request, schedule, schedule)


@require_POST
@needs(Verb.ONCALL_WRITE)
def delete(request: Request, schedule_id: int) -> HttpResponse:
    """Delete a schedule whose name was typed."""
    schedule = service.schedule(schedule_id)
    if request.POST.get("confirm", "").strip() != schedule.name:
        messages.error(request, f"Nothing was deleted: type {schedule.name} to delete it.")
        return HttpResponseRedirect(f"{PAGE}schedules/{schedule_id}/")
    try:
        service.remove_schedule(request.actor, schedule_id, now())
    except Conflict as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(f"{PAGE}schedules/{schedule_id}/")
    messages.success(request, f"{schedule.name} is deleted, with its covers and addresses.")
    return HttpResponseRedirect(PAGE)


def _form(request: Request, draft: ScheduleDraft, schedule: Schedule | None) -> HttpResponse:
    form = ScheduleForm(_team(), service.calendars(), draft, posted(request))
    act, preview = request.POST.get("act", "save"), None
    if form.is_bound and act != "add" and form.is_valid():
        try:
            wanted = form.draft()
            if act == "save":
                return _saved(request, wanted, schedule)
            preview = _preview(request, schedules.checked(wanted), schedule)
        except Invalid as error:
            form.blame(error)
        except Conflict as error:
            form.blame(Invalid(str(error), {"name": str(error)}))
    context = {"form": form, "schedule": schedule, "preview": preview}
    wrong = form.is_bound and act != "add" and preview is None
    return render(request, "oncall/schedule_form.html", context, status=422 if wrong else 200)


def _saved(request: Request, draft: ScheduleDraft, schedule: Schedule | None) -> HttpResponse:
    if schedule is None:
        made = service.create_schedule(request.actor, draft, now())
    else:
        made = service.update_schedule(request.actor, schedule.id, draft, now())
    messages.success(request, f"{made.name} is saved.")
    return HttpResponseRedirect(f"{PAGE}schedules/{made.id}/")


def _preview(request: Request, draft: ScheduleDraft, schedule: Schedule | None) -> dict[str, object]:
    """Return the four weeks a draft would make, drawn as two rows of two weeks would be."""
    at, own, known = now(), zone(request), names()
    of = drawing.shown(at, own, _PREVIEW_DAYS)
    tried = Schedule(id=schedule.id if schedule else 0, name=draft.name, zone=draft.zone, layers=draft.layers)
    rota: Rota = standing.rota(tried, of.start, of.end)
    return {
        "rows": rows(rota, of, known, request.actor.id), "days": drawing.days(of)[::2], "of": of,
        "sentence": saying.next_page(standing.turn_of(rota, at), known, at, own), "gaps": gaps.coming(rota, at, _PREVIEW_DAYS * DAY),
    }  # fmt: skip


def _team() -> Sequence[UserRef]:
    return sorted(accounts.user_refs().values(), key=lambda one: one.name.casefold())


def _skipped(schedule: Schedule, known: dict[int, str]) -> str:
    """Return who is named in a schedule and left the team; empty when nobody did."""
    named = {user for layer in schedule.layers for turn in layer.people for user in turn}
    gone = accounts.user_refs(named - known.keys()) if named - known.keys() else {}
    return ", ".join(sorted(one.name for one in gone.values()))


def _people(layer: Layer, known: dict[int, str]) -> str:
    return ", ".join(saying.who(turn, known) for turn in layer.people)


def _later(request: Request) -> int:
    told = request.GET.get("later", "0")[:5]
    found = int(told) if told.lstrip("-").isascii() and told.lstrip("-").isdecimal() else 0
    return min(max(found, -_LATEST), _LATEST)
