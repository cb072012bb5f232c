"""Calendars of others, and the secret addresses by which calendar programs read shifts."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs, open_to_all
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.oncall import service
from vedette.oncall.forms.covers import CalendarForm
from vedette.oncall.views.common import PAGE, now, posted
from vedette.plumbing.net.port import NetError
from vedette.plumbing.ports import ports

CALENDARS, FEEDS = f"{PAGE}calendars/", f"{PAGE}feeds/"


@require_safe
@needs(Verb.ONCALL_READ)
def calendars(request: Request) -> HttpResponse:
    """List the calendars that layers can take who is on from."""
    found = service.calendars()
    broken = [one for one in found if one.problem]
    writes = may(request.actor, Verb.ONCALL_WRITE).allowed
    return render(
        request,
        "oncall/calendars.html",
        {"calendars": found, "broken": broken, "may_write": writes, "tab": "calendars"},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.ONCALL_WRITE)
def new(request: Request) -> HttpResponse:
    """Add a calendar; it is read at once."""
    form = CalendarForm(posted(request))
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            made = service.add_calendar(request.actor, given["name"], given["url"], given["text"], now())
        except Invalid as error:
            form.blame(error)
        except NetError as error:
            form.add_error("url", str(error))
        else:
            messages.success(request, f"{made.name} is read. A layer can take who is on from it now.")
            return HttpResponseRedirect(CALENDARS)
    context = {"form": form, "tab": "calendars"}
    return render(request, "oncall/calendar_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Verb.ONCALL_WRITE)
def remove(request: Request, calendar_id: int) -> HttpResponse:
    """Remove a calendar that no layer takes."""
    try:
        service.remove_calendar(request.actor, calendar_id, now())
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The calendar is removed.")
    return HttpResponseRedirect(CALENDARS)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.ONCALL_READ)
def feeds(request: Request) -> HttpResponse:
    """List one's addresses, and make one: it is in this answer and never again."""
    made = ""
    if request.method == "POST":
        told = request.POST.get("schedule", "")[:18]
        _, path = service.make_feed(
            request.actor, int(told) if told.isascii() and told.isdecimal() else None, now()
        )
        made = f"{ports().settings.public_url}{path}"
    known = {one.id: one.name for one in service.schedules()}
    found = [
        (one, "Your own shifts" if one.schedule is None else known.get(one.schedule, ""))
        for one in service.feeds(request.actor)
    ]
    return render(
        request, "oncall/feeds.html", {"feeds": found, "schedules": known, "made": made, "tab": "feeds"}
    )


@require_POST
@needs(Verb.ONCALL_READ)
def drop_feed(request: Request, feed_id: int) -> HttpResponse:
    """Take one's address away."""
    service.drop_feed(request.actor, feed_id, now())
    messages.success(request, "This address opens nothing any more.")
    return HttpResponseRedirect(FEEDS)


@require_safe
@open_to_all
def feed(request: Request, secret: str) -> HttpResponse:
    """Serve the calendar behind a secret address; what opens nothing answers alike."""
    try:
        text = service.read_feed(secret, now())
    except NotFound:
        return HttpResponse(
            "There is no calendar at this address.\n",
            status=404,
            content_type="text/plain; charset=utf-8",
            headers=_HEADERS,
        )
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=_HEADERS)


_HEADERS = {
    "Cache-Control": "no-cache, private",
    "Content-Disposition": 'inline; filename="on-call.ics"',
    "Referrer-Policy": "no-referrer",
}
