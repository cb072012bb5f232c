"""The pages of runbooks: the list, one of them, writing one with a preview, and its steps in an incident."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.alerts import service as alerts
from vedette.core.errors import Conflict, Invalid
from vedette.incidents import service as incidents
from vedette.incidents.runbooks import acting, deciding, keeping, reading, verdict
from vedette.incidents.runbooks.forms import RunbookForm
from vedette.incidents.runbooks.types import StepAct
from vedette.incidents.types import Runbook, StepRun, StepState
from vedette.plumbing.ports import ports

PAGE = "/incidents/runbooks/"


@require_safe
@needs(Verb.INCIDENT_READ)
def runbooks(request: Request) -> HttpResponse:
    """Show every runbook, those used last first."""
    lines = keeping.listed()
    owners = accounts.user_refs([line.owner for line in lines if line.owner is not None])
    context = {
        "verdict": verdict.of_list(lines),
        "rows": [{"line": line, "owner": owners.get(line.owner or 0)} for line in lines],
        "may_write": may(request.actor, Verb.RUNBOOK_WRITE).allowed,
    }
    return render(request, "incidents/runbooks.html", context)


@require_safe
@needs(Verb.INCIDENT_READ)
def runbook(request: Request, slug: str) -> HttpResponse:
    """Show a runbook."""
    found = keeping.find(slug)
    context = {
        "runbook": found, "automatic": reading.automatic(found.steps), "signed": keeping.has_secret(slug),
        "matchers": alerts.matchers_written(found.matchers),
        "owner": accounts.user_refs([found.owner]).get(found.owner) if found.owner is not None else None,
        "may_write": may(request.actor, Verb.RUNBOOK_WRITE).allowed and not found.source,
        "may_sign": may(request.actor, Verb.RUNBOOK_WRITE).allowed and bool(found.source),
        "delete_action": f"{PAGE}{slug}/delete/",
    }  # fmt: skip
    return render(request, "incidents/runbook.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RUNBOOK_WRITE)
def new(request: Request) -> HttpResponse:
    """Write a runbook."""
    return _form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RUNBOOK_WRITE)
def edit(request: Request, slug: str) -> HttpResponse:
    """Change a runbook."""
    return _form(request, keeping.find(slug))


@require_POST
@needs(Verb.RUNBOOK_WRITE)
def delete(request: Request, slug: str) -> HttpResponse:
    """Delete a runbook."""
    _tried(
        request,
        lambda: keeping.remove(request.actor, slug, _now()),
        "The runbook is gone; incidents keep the steps they took.",
    )
    return HttpResponseRedirect(PAGE)


@require_POST
@needs(Verb.INCIDENT_WRITE)
def attach(request: Request, number: int) -> HttpResponse:
    """Attach the runbook that was chosen to an incident."""
    slug = request.POST.get("runbook", "")
    _tried(request, lambda: acting.attach(request.actor, number, slug, _now()), "")
    return _back(number)


@require_POST
@needs(Verb.INCIDENT_WRITE)
def detach(request: Request, number: int, slug: str) -> HttpResponse:
    """Take a runbook away from an incident."""
    _tried(request, lambda: acting.detach(request.actor, number, slug, _now()), "The runbook is taken away.")
    return _back(number)


@require_POST
@needs(Verb.INCIDENT_WRITE)
def tick(request: Request, number: int, run_id: int) -> HttpResponse:
    """Say that a step is done."""
    _tried(request, lambda: acting.tick(request.actor, number, run_id, _now()), "")
    return _back(number)


@require_POST
@needs(Verb.INCIDENT_WRITE)
def untick(request: Request, number: int, run_id: int) -> HttpResponse:
    """Take back that a step is done."""
    _tried(request, lambda: acting.untick(request.actor, number, run_id, _now()), "")
    return _back(number)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.INCIDENT_WRITE)
def run(request: Request, number: int, run_id: int) -> HttpResponse:
    """Ask whether a destructive step is meant, repeating what it does; or let its webhook or agent do it."""
    found, step = incidents.incident(number), acting.step(number, run_id)
    sure = request.method == "POST" and request.POST.get("sure") == "yes"
    decided = deciding.may(step, StepAct.RUN, _now(), sure=sure)
    if request.method == "POST" and not decided.asks:
        return _run(request, number, run_id, sure=sure)
    context = {"incident": found, "run": step, "decided": decided, "signed": acting.is_signed(step.id)}
    return render(request, "incidents/runbook_ask.html", context)


def _run(request: Request, number: int, run_id: int, *, sure: bool) -> HttpResponse:
    try:
        done = acting.run(request.actor, number, run_id, _now(), sure=sure)
    except (Conflict, Invalid) as error:
        messages.error(request, str(error))
    else:
        _say(request, done)
    return _back(number)


def _say(request: Request, done: StepRun) -> None:
    said = done.result.partition("\n")[0]
    if done.state is StepState.RUNNING:
        messages.success(
            request, f"“{done.step.text}” is ordered: {done.step.target}. Its end shows here by itself."
        )
    elif done.state is StepState.DONE:
        messages.success(request, f"“{done.step.text}” is done: {said}.")
    else:
        messages.error(request, f"“{done.step.text}” failed: {said}. Its answer stands at the step.")


def _form(request: Request, before: Runbook | None) -> HttpResponse:
    people = [(ref.id, ref.name) for ref in sorted(accounts.user_refs().values(), key=lambda ref: ref.name)]
    form = RunbookForm(people, before, _posted(request))
    preview = request.POST.get("act") == "preview"
    if form.is_bound and form.is_valid() and not preview:
        try:
            return _save(request, form, before)
        except Invalid as error:
            form.blame(error)
        except Conflict as error:
            form.add_error(None, str(error))
    text = str(form["text"].value() or "").replace("\r\n", "\n")
    context = {
        "form": form, "runbook": before, "text": text, "steps": reading.steps(text[: reading.LONGEST_TEXT]),
        "problems": reading.problems(text) if preview else (), "preview": preview,
        "signed": before is not None and keeping.has_secret(before.slug),
    }  # fmt: skip
    bad = form.is_bound and bool(form.errors) and not preview
    return render(request, "incidents/runbook_form.html", context, status=422 if bad else 200)


def _save(request: Request, form: RunbookForm, before: Runbook | None) -> HttpResponse:
    if before is None:
        made = keeping.create(request.actor, form.draft(), _now())
        messages.success(
            request, "The runbook is there: name it in a rule of incidents, or attach it by hand."
        )
    else:
        made = keeping.update(request.actor, before.slug, form.draft(), _now())
        messages.success(request, "The runbook is saved; incidents that run keep the steps they took.")
    return HttpResponseRedirect(f"{PAGE}{made.slug}/")


def _tried(request: Request, act: Callable[[], object], said: str) -> None:
    try:
        act()
    except Conflict as error:
        messages.error(request, str(error))
    else:
        if said:
            messages.success(request, said)


def _back(number: int) -> HttpResponse:
    return HttpResponseRedirect(f"/incidents/{number}/#runbook")


def _posted(request: Request) -> Mapping[str, object] | None:
    return request.POST if request.method == "POST" else None


def _now() -> float:
    return ports().clock.now()
