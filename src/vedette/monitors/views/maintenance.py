"""The calendar of maintenances, and adding one for one monitor, several, or all of a project."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Invalid, NotFound
from vedette.monitors import calendars, service, working
from vedette.monitors.calendars import Slot
from vedette.monitors.forms.maintenance import ALL, MaintenanceForm
from vedette.monitors.store import windows
from vedette.monitors.types import DAY, Monitor
from vedette.monitors.views.common import PAGE, now, posted
from vedette.monitors.working import Planned
from vedette.projects import service as projects
from vedette.ui.requests import zone

CALENDAR = f"{PAGE}maintenance/"
AHEAD = BEHIND = 30 * DAY
_MOST_SLOTS = 300


class Line(msgspec.Struct, frozen=True):
    """A time of a maintenance in the calendar, with what it is of."""

    slot: Slot
    planned: Planned
    holds: bool
    of: str


class Section(msgspec.Struct, frozen=True):
    """Days of the calendar under one heading."""

    id: str
    title: str
    sub: str
    days: tuple[tuple[dt.date, tuple[Line, ...]], ...]


@require_safe
@needs(Verb.MONITOR_READ)
def calendar(request: Request) -> HttpResponse:
    """Show what is worked on now, in the next 30 days, and what was in the last."""
    at, own = now(), zone(request)
    planned = {one.key: one for one in working.planned()}
    each = [(one.window, one.key) for one in planned.values()]
    held = [slot for window, key in each for slot in calendars.held(window, key, at)]
    ahead = [slot for window, key in each for slot in calendars.coming(window, key, at, at + AHEAD)]
    behind = [slot for window, key in each for slot in calendars.over(window, key, at - BEHIND, at)]
    sections = [
        _section("now", "Now", "checked, and nobody is told", held, planned, own, at),
        _section("next", "Next 30 days", "", ahead, planned, own, at),
        _section("past", "Past 30 days", "newest first", behind, planned, own, at),
    ]
    writes = may(request.actor, Verb.MONITOR_WRITE).allowed
    context = {
        "title": _title(held, ahead, planned), "tone": "info" if held else "off", "sections": [one for one in sections if one.days],
        "planned": planned.values(), "may_write": writes, "tab": "maintenance",
    }  # fmt: skip
    return render(request, "monitors/maintenance.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.MONITOR_WRITE)
def new(request: Request) -> HttpResponse:
    """Add a maintenance."""
    start = {name: request.GET[name][:200] for name in ("monitors", "project", "span") if name in request.GET}
    form = MaintenanceForm(projects.projects(), zone(request), now(), start, posted(request))
    if form.is_bound and form.is_valid():
        try:
            return _keep(request, form)
        except Invalid as error:
            form.blame(error)
    return render(
        request,
        "monitors/work.html",
        {"form": form, "tab": "maintenance"},
        status=422 if form.is_bound else 200,
    )


@require_POST
@needs(Verb.MONITOR_WRITE)
def remove(request: Request, key: str) -> HttpResponse:
    """Take a maintenance away from all monitors that have it."""
    n = working.remove(request.actor, key, now())
    if n:
        messages.success(request, f"The maintenance of {_count(n)} is gone; what is different now is told.")
    else:
        messages.info(request, "There is no such maintenance any more, or it is written in a file.")
    return HttpResponseRedirect(CALENDAR)


def _keep(request: Request, form: MaintenanceForm) -> HttpResponse:
    at, chosen = now(), _chosen(form)
    n = working.begin(request.actor, chosen, form.window(), at)
    left = sum(bool(one.source) for one in chosen)
    said = f"Nobody is told of {_count(n)} then." if n else "All of them have this maintenance already."
    if left:
        said += (
            f" {_count(left)} of them {'is' if left == 1 else 'are'} written in files and left as they are."
        )
    (messages.success if n else messages.info)(request, said)
    return HttpResponseRedirect(CALENDAR)


def _chosen(form: MaintenanceForm) -> Sequence[Monitor]:
    """Return the monitors that are meant; raises `Invalid` naming the field."""
    project, named = form.cleaned_data["project"], form.cleaned_data["monitors"].replace(",", " ").split()
    if project:
        found = windows.of_project(None if project == ALL else int(project))
        if not found:
            raise Invalid("There is no monitor there.", {"project": "There is no monitor there."})
        return found
    if not named:
        raise Invalid("Name monitors.", {"monitors": "Name monitors, or choose a project."})
    try:
        return [service.find(word) for word in dict.fromkeys(named)]
    except NotFound as error:
        raise Invalid(str(error), {"monitors": str(error)}) from None


def _section(  # noqa: PLR0917 - what a heading is and what stands under it
    name: str,
    title: str,
    sub: str,
    slots: Sequence[Slot],
    planned: Mapping[str, Planned],
    own: str,
    at: float,
) -> Section:
    late = name == "past"
    chosen = sorted(slots, key=lambda slot: slot.starts, reverse=late)[:_MOST_SLOTS]
    by_day = calendars.days(chosen, own)
    days = sorted(by_day.items(), reverse=late)
    return Section(
        name,
        title,
        sub,
        tuple((day, tuple(_line(slot, planned[slot.key], at) for slot in found)) for day, found in days),
    )


def _line(slot: Slot, planned: Planned, at: float) -> Line:
    named = ", ".join(one.name for one in planned.monitors[:3])
    more = len(planned.monitors) - 3
    return Line(
        slot, planned, slot.starts <= at < slot.ends, f"{named} and {more} more" if more > 0 else named
    )


def _title(held: Sequence[Slot], ahead: Sequence[Slot], planned: Mapping[str, Planned]) -> str:
    if held:
        worked = {one.id for slot in held for one in planned[slot.key].monitors}
        return f"{_count(len(worked))} {'is' if len(worked) == 1 else 'are'} being worked on."
    return (
        "Nothing is being worked on."
        if ahead or not planned
        else "Nothing is being worked on, and nothing is planned."
    )


def _count(n: int) -> str:
    return f"{n:,} {'monitor' if n == 1 else 'monitors'}".replace(",", "\u202f")
