"""The pages of silences: which hold, which will, which did; make, change and end one."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.alerts import governing, matching, recounting, silencing, verdict
from vedette.alerts.quieting import forms
from vedette.alerts.quieting.forms import SilenceForm
from vedette.alerts.shown.chips import matchers_of
from vedette.alerts.silencing import Silence, SilenceState
from vedette.core.errors import Conflict, Invalid
from vedette.plumbing.ports import ports
from vedette.ui import requests, words

PAGE = "/alerts/silences/"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TITLES = {
    SilenceState.ACTIVE: ("Active", "keep alerts quiet now"),
    SilenceState.PENDING: ("Pending", "will, or will again"),
    SilenceState.EXPIRED: ("Expired", "of the last 35 days"),
}


@require_safe
@needs(Verb.RULE_READ)
def silences(request: Request) -> HttpResponse:
    """Show the silences by where they are in their life."""
    now = ports().clock.now()
    found = [(silencing.state(each, now), each) for each in governing.silences(now)]
    sections = [
        {
            "id": state.value,
            "title": _TITLES[state][0],
            "sub": _TITLES[state][1],
            "over": state is SilenceState.EXPIRED,
            "rows": [_row(each) for at, each in found if at is state],
        }
        for state in _TITLES
    ]
    active = [each for state, each in found if state is SilenceState.ACTIVE]
    context = {
        "verdict": verdict.of_silences(len(active), _held(active)),
        "sections": [section for section in sections if section["rows"]],
        "may_write": may(request.actor, Verb.ALERT_WRITE).allowed,
        "tab": "silences",
    }
    return render(request, "alerts/silences.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.ALERT_WRITE)
def new_silence(request: Request) -> HttpResponse:
    """Make a silence; `alert` fills the form from an alert's labels."""
    form = SilenceForm(requests.zone(request), ports().clock.now(), _asked(request), _posted(request))
    return _save(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.ALERT_WRITE)
def silence(request: Request, silence_id: str) -> HttpResponse:
    """Change a silence; one that is over, or that speaks of other alerts then, becomes a new one."""
    found = governing.silence(silence_id)
    zone = requests.zone(request)
    form = SilenceForm(zone, ports().clock.now(), forms.initial(found, zone), _posted(request))
    return _save(request, form, found)


@require_POST
@needs(Verb.ALERT_WRITE)
def end_silence(request: Request, silence_id: str) -> HttpResponse:
    """Let a silence be over now."""
    try:
        governing.end_silence(request.actor, silence_id, ports().clock.now())
    except Conflict as error:
        messages.info(request, str(error))
    else:
        messages.success(request, "The silence is over; what still fires is told.")
    return HttpResponseRedirect(PAGE)


@require_safe
@needs(Verb.RULE_READ)
def count(request: Request) -> HttpResponse:
    """Say which alerts that fire now the matchers mean: a piece of the form's page."""
    return render(request, "alerts/_matching.html", _meant(request.GET.get("matchers", "")))


def _save(request: Request, form: SilenceForm, before: Silence | None) -> HttpResponse:
    counting = request.POST.get("act") == "count"
    if form.is_bound and form.is_valid() and not counting:
        try:
            _keep(request, form, before)
        except Invalid as error:
            form.blame(error)
        else:
            return HttpResponseRedirect(PAGE)
    now = ports().clock.now()
    context = {
        "form": form,
        "silence": before,
        "over": before is not None and silencing.state(before, now) is SilenceState.EXPIRED,
        "tab": "silences",
        **_meant(str(form["matchers"].value() or "")),
    }
    return render(
        request, "alerts/silence.html", context, status=422 if form.is_bound and not counting else 200
    )


def _keep(request: Request, form: SilenceForm, before: Silence | None) -> None:
    draft, now = form.draft(), ports().clock.now()
    if before is None:
        governing.add_silence(request.actor, draft, now)
    else:
        governing.change_silence(request.actor, before.id, draft, now)
    messages.success(request, f"Silent until {words.date(draft.ends, now, requests.zone(request))}.")


def _asked(request: Request) -> dict[str, object]:
    """Return what the form begins with: what the address says, or the labels of the alert it names."""
    found: dict[str, object] = {
        name: request.GET[name] for name in ("matchers", "span", "comment") if name in request.GET
    }
    number = request.GET.get("alert", "")
    if number.isdecimal() and len(number) < 16:
        found["matchers"] = matchers_of(governing.alert_of(int(number)))
    return found


def _meant(text: str) -> dict[str, object]:
    """Return how many alerts that fire the matchers mean, the first of them, or what is wrong with them."""
    if not text.strip():
        return {"meant": (), "n": 0, "wrong": ""}
    try:
        matchers = forms.parsed(text)
    except Invalid as error:
        return {"meant": (), "n": 0, "wrong": str(error)}
    found = recounting.firing_that_match(matchers)
    return {"meant": found[:5], "n": len(found), "wrong": ""}


def _held(active: list[Silence]) -> int:
    return len({alert.id for each in active for alert in recounting.firing_that_match(each.matchers)})


def _row(each: Silence) -> dict[str, object]:
    rule = each.recurrence
    weekly = (
        ""
        if rule is None
        else f"{', '.join(_DAYS[day] for day in sorted(rule.days))} from {rule.start} for"
        f" {words.duration(rule.minutes * 60)} ({rule.zone})"
    )
    return {"silence": each, "matchers": matching.written(each.matchers), "weekly": weekly}


def _posted(request: Request) -> Mapping[str, object] | None:
    return request.POST if request.method == "POST" else None
