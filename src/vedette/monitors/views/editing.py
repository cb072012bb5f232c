"""Adding and changing a monitor, with a test of what is filled in before it is kept; what is tried now, step by step."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Conflict, Invalid, NotFound, Throttled
from vedette.instruments.probe.journey.options import KIND as JOURNEY
from vedette.instruments.probe.registry import kinds
from vedette.instruments.probe.types import Probe
from vedette.monitors import drafting, overseeing, requesting, rhythm, service, trying
from vedette.monitors.forms.monitor import MonitorForm
from vedette.monitors.outposts import service as locations
from vedette.monitors.trying import Trial
from vedette.monitors.types import HEARTBEAT, Monitor, MonitorDraft, Schedule
from vedette.monitors.views import one
from vedette.monitors.views.common import now, posted, watched
from vedette.projects import service as projects
from vedette.ui.requests import zone
from vedette.wire.ascode import filed

PATIENCE = 32.0  # how long a page without script waits for the result of a test
_TIMES = 5
_USUAL = "http"  # what most people add stands first
_DEADLINE = 30.0


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.MONITOR_WRITE)
def new(request: Request) -> HttpResponse:
    """Choose a kind, then fill in what it needs."""
    kind = str(request.POST.get("kind") or request.GET.get("kind", ""))
    if not kind:
        return render(
            request,
            "monitors/kinds.html",
            {"kinds": _choices(request)},
        )
    if kind != HEARTBEAT and kind not in kinds():
        raise NotFound(f"There is no kind {kind[:20]} of monitors.")
    requesting.require_kind(request.actor, kind)
    start = {"zone": zone(request), **_asked(request)}
    form = MonitorForm(kind, projects.projects(), data=posted(request), start=start, places=locations.every())
    return _save(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.MONITOR_WRITE)
def edit(request: Request, key: str) -> HttpResponse:
    """Change a monitor; its kind, its project and its slug stay."""
    found = watched(key).monitor
    requesting.require_kind(request.actor, found.kind)
    if request.method == "POST":
        filed.refuse(f"The monitor {found.name} is", found.source)
    named = (
        " ".join(each.slug for each in service.every() if each.id in found.config.parents)
        if found.config.parents
        else ""
    )
    held = tuple(service.secrets(found))
    form = MonitorForm(
        found.kind, projects.projects(), found, posted(request), held, parents=named, places=locations.every()
    )
    return _save(request, form)


@require_POST
@needs(Verb.MONITOR_WRITE)
def check(request: Request, key: str) -> HttpResponse:
    """Check a monitor now; a page with script hears of each step, one without waits for the result."""
    found = watched(key)
    trial = trying.begin(request.actor, found.monitor)
    if _is_live(request):
        return render(request, "monitors/_trial.html", {"trial": trial})
    return one.shown(request, found, trying.wait(trial.id, PATIENCE))


@require_safe
@needs(Verb.MONITOR_WRITE)
def trial(request: Request, trial_id: str) -> HttpResponse:
    """Show what a test did so far: a piece of a page."""
    return render(request, "monitors/_trial.html", {"trial": trying.find(trial_id)})


@require_GET
@needs(Verb.MONITOR_WRITE)
def times(request: Request) -> HttpResponse:
    """Say when the job of a heartbeat would be due next: a piece of the form's page."""
    form = MonitorForm(HEARTBEAT, (), data={**request.GET.dict(), "name": "-", "project": "0"})
    form.is_valid()
    return render(request, "monitors/_times.html", _next(form.schedule_of()))


def _choices(request: Request) -> list[Probe]:
    """Return the kinds that somebody may choose, the usual one first."""
    journeys = may(request.actor, Verb.JOURNEY_WRITE).allowed
    chosen = [probe for probe in kinds().values() if journeys or probe.kind != JOURNEY]
    return sorted(chosen, key=lambda probe: probe.kind != _USUAL)


def _save(request: Request, form: MonitorForm) -> HttpResponse:
    """Keep what was filled in, try it, or show the form."""
    testing = request.POST.get("act") == "test"
    tried: Trial | None = None
    if form.is_bound and form.is_valid():
        try:
            if testing:
                tried = _try(request, form)
            else:
                return _keep(request, form)
        except Invalid as error:
            form.blame(error)
        except (Conflict, Throttled) as error:
            form.add_error(None, str(error))
    if testing and _is_live(request):
        return render(request, "monitors/_trial.html", {"trial": tried, "problems": _problems(form)})
    if tried is not None:
        tried = trying.wait(tried.id, PATIENCE)
    context = {
        "form": form,
        "before": form.before,
        "trial": tried,
        "checked": form.probe is not None,
        **_shown_times(form),
    }
    return render(
        request, "monitors/form.html", context, status=422 if form.is_bound and form.errors else 200
    )


def _keep(request: Request, form: MonitorForm) -> HttpResponse:
    draft, at = _draft(form), now()
    if form.before is None:
        made = service.create(request.actor, form.project(), draft, at)
        messages.success(request, f"{made.name} is watched from now on.")
    else:
        made = service.update(request.actor, form.before, draft, at)
        messages.success(request, f"{made.name} is changed.")
    (found,) = service.watched([made])
    return HttpResponseRedirect(overseeing.href(found))


def _try(request: Request, form: MonitorForm) -> Trial:
    deadline = form.cleaned_data.get("deadline") or 0.0
    if deadline > _DEADLINE:
        text = f"A test takes at most {_DEADLINE:.0f} s."
        raise Invalid(text, {"deadline": text})
    draft = _draft(form)
    if wrong := drafting.problems(draft, now()):
        raise Invalid(" ".join(wrong.values()), wrong)
    return trying.begin(request.actor, draft)


def _draft(form: MonitorForm) -> MonitorDraft:
    secrets: Mapping[str, str] = service.secrets(form.before) if form.before else {}
    return form.draft(_parents(form), secrets)


def _parents(form: MonitorForm) -> list[int]:
    """Return the ids of what it depends on; raises `Invalid` naming the field."""
    found: list[Monitor] = []
    for word in form.cleaned_data["parents"].replace(",", " ").split():
        try:
            found.append(service.find(word))
        except NotFound as error:
            raise Invalid(str(error), {"parents": str(error)}) from None
    return [one.id for one in found]


def _shown_times(form: MonitorForm) -> dict[str, object]:
    """Return the next times of the schedule the form shows; none for what is checked."""
    if form.probe is not None:
        return {}
    shown = MonitorForm(
        HEARTBEAT, (), data={field.name: field.value() or "" for field in form if field.name != "canary"}
    )
    shown.is_valid()
    return _next(shown.schedule_of())


def _next(schedule: Schedule) -> dict[str, object]:
    """Return the next five times of a schedule, or what is wrong with it."""
    at = now()
    if wrong := rhythm.problem(schedule, at):
        return {"times": (), "wrong": wrong}
    found: list[float] = []
    after = at
    while len(found) < _TIMES:
        following = rhythm.next_after(schedule, after).at
        if following is None:
            break
        found.append(following)
        after = following
    return {"times": found, "wrong": ""}


def _problems(form: MonitorForm) -> list[str]:
    """Return what is wrong with what was filled in, each with the field it is about."""
    found = [(name, str(text)) for name, texts in form.errors.items() for text in texts]
    return [f"{form[name].label}: {text}" if name in form.fields else text for name, text in found]


def _asked(request: Request) -> dict[str, object]:
    """Return what the form begins with as its address says: `?kind=http&url=…`."""
    return {
        name: request.GET[name][:8_192] for name in ("name", "url", "project", "tags") if name in request.GET
    }


def _is_live(request: Request) -> bool:
    return request.headers.get("HX-Request") == "true"
