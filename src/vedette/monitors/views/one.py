"""The page of one monitor, and what can be done there: pause, go on, work on it for a while, delete."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Invalid
from vedette.instruments.probe.causes import MEANINGS
from vedette.instruments.probe.types import Cause
from vedette.monitors import overseeing, portraying, requesting, service, telling, working
from vedette.monitors.portraying import Portrait
from vedette.monitors.types import HEARTBEAT, HOUR, Monitor, Watched
from vedette.monitors.views.common import PAGE, now, project_of, watched
from vedette.monitors.views.listing import row_of
from vedette.ui import words
from vedette.wire.ascode import filed

_HOURS = {"1": 1, "4": 4}


@require_safe
@needs(Verb.MONITOR_READ)
def monitor(request: Request, key: str) -> HttpResponse:
    """Answer: is it up, since when, why, and how has it been?"""
    return shown(request, watched(key))


def shown(request: Request, found: Watched, trial: object = None) -> HttpResponse:
    """Return the page of a monitor, with the steps of a check that was just tried."""
    at = now()
    span = portraying.span_of(request.GET.get("range", ""))
    one = portraying.portrait(found, span, at)
    written = may(request.actor, Verb.MONITOR_WRITE).allowed
    context = {
        "one": one, "monitor": found.monitor, "known": found.known, "row": row_of(one.glance),
        "sentence": telling.sentence(found, one.hush.reason if one.hush else ""), "project": project_of(found.monitor),
        "ranges": portraying.RANGES, "span": span, "layers": portraying.names(one.phased), "places": one.places, "chart": chart_words(one, span.words),
        "asked": _asked(found.monitor), "meaning": _meaning(one), "checked": found.monitor.kind != HEARTBEAT,
        "left": None if found.known.certificate.expires is None else found.known.certificate.expires - at,
        "ping": service.ping_url(found.monitor) if written and found.monitor.kind == HEARTBEAT else "",
        "ping_lines": _ping_lines(found.monitor), "may_write": written, "may_change": written and not found.monitor.source, "trial": trial,
        "parents": [row_of(each) for each in overseeing.glances(one.parents, at)],
    }  # fmt: skip
    return render(request, "monitors/monitor.html", context)


@require_POST
@needs(Verb.MONITOR_WRITE)
def pause(request: Request, key: str) -> HttpResponse:
    """Stop to watch a monitor, or go on."""
    found = watched(key)
    paused = request.POST.get("paused") == "1"
    service.pause(request.actor, found.monitor, now(), paused=paused)
    undo = f"{overseeing.href(found)}pause/" if paused else ""
    messages.success(
        request,
        f"{found.monitor.name} is {'paused: it is not checked, and nobody is told.' if paused else 'watched again.'}",
        extra_tags=undo,
    )
    return HttpResponseRedirect(overseeing.href(found))


@require_POST
@needs(Verb.MONITOR_WRITE)
def delete(request: Request, key: str) -> HttpResponse:
    """Remove a monitor with all that is kept of it; its slug is typed first."""
    found = watched(key).monitor
    filed.refuse(f"The monitor {found.name} is", found.source)
    if request.POST.get("confirm", "").strip() != found.slug:
        raise Invalid(f"To delete it, type {found.slug}.", {"confirm": "another name"})
    service.remove(request.actor, found, now())
    messages.success(request, f"{found.name} is deleted.")
    return HttpResponseRedirect(PAGE)


@require_POST
@needs(Verb.MONITOR_WRITE)
def work(request: Request, key: str) -> HttpResponse:
    """Begin a maintenance of an hour or four, or end the one that holds."""
    found, at = watched(key), now()
    filed.refuse(f"The monitor {found.monitor.name} is", found.monitor.source)
    hours = _HOURS.get(request.POST.get("hours", ""))
    if hours is None:
        ended = working.end(request.actor, found.monitor, at)
        said = (
            "The maintenance is over; what is different now is told."
            if ended
            else "What comes by the week or by cron is ended under Maintenance."
        )
        (messages.success if ended else messages.info)(request, said)
    else:
        working.begin(request.actor, [found.monitor], working.once(at, at + hours * HOUR), at)
        messages.success(
            request,
            f"Nobody is told of {found.monitor.name} for {words.duration(hours * HOUR)}; it is still checked.",
        )
    return HttpResponseRedirect(overseeing.href(found))


def chart_words(one: Portrait, span: str) -> str:
    """Return what the chart of phases says in words."""
    phased = one.phased
    if phased.p50 is None or phased.p95 is None:
        return f"Response time, last {span}. Nothing was measured"
    return f"Response time, last {span}. Half of {words.number(phased.checks)} checks took {phased.p50:.0f} ms or less, 95 % took {phased.p95:.0f} ms or less"


def _ping_lines(monitor: Monitor) -> tuple[str, str, str]:
    """Return what a job runs to tell of itself: at its end, around it, and from Python."""
    address = service.ping_url(monitor)
    curl = "curl -fsS -m 10 --retry 5"
    return (
        f"your-job; {curl} {address}/$?",
        f"{curl} {address}/start; your-job; {curl} {address}/$?",
        f'urllib.request.urlopen("{address}", timeout=10)',
    )


def _asked(monitor: Monitor) -> Mapping[str, object]:
    """Return what is asked of a monitor's target, fit to be shown."""
    return requesting.shown(monitor.config.request)


def _meaning(one: Portrait) -> str:
    """Return what the cause of the last failure means."""
    cause = one.failure.result.outcome.cause if one.failure else ""
    name = "assertion" if cause.startswith("assertion-") else cause
    return MEANINGS[Cause(name)] if name in list(Cause) else ""
