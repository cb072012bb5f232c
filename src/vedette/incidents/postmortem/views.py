"""The pages of post-mortems: read, written, reviewed, published, handed on as a file; and what follows from them."""

import functools
from collections.abc import Callable, Mapping, Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core import zones
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from vedette.incidents import service as incidents
from vedette.incidents.postmortem import gathering, keeping, paper, saying
from vedette.incidents.postmortem.forms import ActionForm, PaperForm, RulesForm
from vedette.incidents.types import Incident, PostMortem, Task, TaskKind
from vedette.instruments import printing
from vedette.plumbing.ports import ports
from vedette.ui import markdown, requests

_SHOWN = 200
_ACTS: Mapping[str, tuple[Callable[..., PostMortem], str]] = {
    "begin": (keeping.begin, "The draft is filled from the timeline."),
    "review": (keeping.ask_review, "A colleague can read and publish it now."),
    "draft": (keeping.take_back, "It is a draft again."),
    "publish": (keeping.publish, "It is published."),
    "refill": (keeping.refill, "The draft is filled from the timeline again."),
}


@require_safe
@needs(Verb.INCIDENT_READ)
def papers(request: Request) -> HttpResponse:
    """Show every post-mortem, those that are not published first."""
    lines = keeping.listed()
    context = {
        "rows": lines,
        "said": saying.of_list(lines),
        "may_set": may(request.actor, Verb.SETTINGS_WRITE).allowed,
    }
    return render(request, "incidents/postmortems.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.SETTINGS_WRITE)
def rules(request: Request) -> HttpResponse:
    """Say what an incident costs, and whether somebody else reviews."""
    known = gathering.rules()
    initial = {name: getattr(known, name) for name in ("currency", "per_minute", "per_request", "reviewed")}
    form = RulesForm(_posted(request), initial=initial)
    if form.is_bound and form.is_valid():
        try:
            keeping.set_rules(request.actor, form.made(), _now())
        except Invalid as error:
            form.blame(error)
        else:
            messages.success(request, "Saved; drafts that are begun from now on tell it.")
            return HttpResponseRedirect("/incidents/post-mortems/")
    return render(
        request, "incidents/postmortem_rules.html", {"form": form}, status=422 if form.is_bound else 200
    )


@require_safe
@needs(Verb.INCIDENT_READ)
def post_mortem(request: Request, number: int) -> HttpResponse:
    """Show the post-mortem of an incident with what follows from it, or how to begin one."""
    return _page(request, incidents.incident(number), ActionForm(_people()))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.INCIDENT_WRITE)
def edit(request: Request, number: int) -> HttpResponse:
    """Write it; with a preview."""
    incident, found = incidents.incident(number), _found(number)
    initial = {"text": found.text, "version": repr(found.updated_at)}
    form = PaperForm(_posted(request), initial=initial)
    preview = request.POST.get("act") == "preview"
    if form.is_bound and form.is_valid() and not preview:
        try:
            text = form.cleaned_data["text"].replace("\r\n", "\n")
            keeping.save(request.actor, number, text, form.cleaned_data["version"], _now())
        except Invalid as error:
            form.blame(error)
        except Conflict as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Saved.")
            return HttpResponseRedirect(f"{incident.link}post-mortem/")
    context = {
        "incident": incident,
        "form": form,
        "preview": preview,
        "text": str(form["text"].value() or ""),
    }
    bad = form.is_bound and bool(form.errors) and not preview
    return render(request, "incidents/postmortem_form.html", context, status=422 if bad else 200)


@require_POST
@needs(Verb.INCIDENT_WRITE)
def act(request: Request, number: int) -> HttpResponse:
    """Begin it, ask for a review, publish it, or take it back: `act` says which."""
    incident = incidents.incident(number)
    verb, said = _ACTS.get(request.POST.get("act", ""), (None, ""))
    if verb is None:
        messages.error(request, "There is no such act.")
    else:
        _tried(request, functools.partial(verb, request.actor, number, _now()), said)
    return HttpResponseRedirect(f"{incident.link}post-mortem/")


@require_safe
@needs(Verb.INCIDENT_READ)
def as_markdown(request: Request, number: int) -> HttpResponse:
    """Return the text itself."""
    return _file(_found(number).text.encode(), "text/markdown; charset=utf-8", number, "md")


@require_safe
@needs(Verb.INCIDENT_READ)
def as_html(request: Request, number: int) -> HttpResponse:
    """Return one file of HTML that needs nothing else."""
    return _file(_whole(number).encode(), "text/html; charset=utf-8", number, "html")


@require_safe
@needs(Verb.INCIDENT_READ)
def as_pdf(request: Request, number: int) -> HttpResponse:
    """Return it printed; where nothing prints, say so and lead back."""
    settings = ports().settings
    try:
        made = printing.pdf(_whole(number), settings.chromium_path, settings.journey_user)
    except Unavailable as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(f"/incidents/{number}/post-mortem/")
    return _file(made, "application/pdf", number, "pdf")


@require_safe
@needs(Verb.INCIDENT_READ)
def actions(request: Request) -> HttpResponse:
    """Show what follows from incidents and is not done, what is late first."""
    found = incidents.open_tasks(TaskKind.ACTION, _SHOWN)
    context = {
        "rows": _rows(found), "said": saying.of_actions(found, _now()),
        "may_write": may(request.actor, Verb.INCIDENT_WRITE).allowed,
    }  # fmt: skip
    return render(request, "incidents/actions.html", context)


@require_POST
@needs(Verb.INCIDENT_WRITE)
def add_action(request: Request, number: int) -> HttpResponse:
    """Add something that follows from an incident."""
    incident, form = incidents.incident(number), ActionForm(_people(), request.POST)
    if form.is_valid():
        due = form.due(zones.zone(requests.zone(request)))
        try:
            incidents.add_task(
                request.actor,
                number,
                form.cleaned_data["text"],
                _now(),
                form.assigned(),
                due,
                TaskKind.ACTION,
            )
        except Invalid as error:
            form.blame(error)
        else:
            return HttpResponseRedirect(f"{incident.link}post-mortem/#actions")
    return _page(request, incident, form, 422)


@require_POST
@needs(Verb.INCIDENT_WRITE)
def finish_action(request: Request, number: int, task: int) -> HttpResponse:
    """Say that something is done, or with `done=no` that it is not."""
    done = request.POST.get("done") != "no"
    incidents.finish_task(request.actor, number, task, _now(), done=done)
    return HttpResponseRedirect(requests.back(request, f"/incidents/{number}/post-mortem/#actions"))


def _page(request: Request, incident: Incident, form: ActionForm, status: int = 200) -> HttpResponse:
    found = keeping.find(incident.id)
    rules_ = gathering.rules()
    tasks = [task for task in incidents.tasks(incident.id) if task.kind is TaskKind.ACTION]
    context = {
        "incident": incident, "paper": found, "form": form, "rows": _rows(tasks), "rules": rules_,
        "said": saying.of_paper(incident, found), "figures": saying.figures(found, rules_) if found else (),
        "publish": keeping.may_publish(request.actor, found) if found else None,
        "may_write": may(request.actor, Verb.INCIDENT_WRITE).allowed, "may_print": bool(printing.chromium(ports().settings.chromium_path)),
        "act_action": f"{incident.link}post-mortem/act/",
    }  # fmt: skip
    return render(request, "incidents/postmortem.html", context, status=status)


def _rows(tasks: Sequence[Task]) -> list[dict[str, object]]:
    names, now = accounts.user_refs([task.assignee for task in tasks if task.assignee is not None]), _now()
    return [
        {
            "task": task,
            "who": names.get(task.assignee or 0),
            "late": task.done_at is None and (task.due_at or now) < now,
        }
        for task in tasks
    ]


def _whole(number: int) -> str:
    incident, found = incidents.incident(number), _found(number)
    body = markdown.html(found.text, copies=False)
    return paper.whole(f"{incident.key}: {incident.title}", saying.meta(found), body)


def _file(body: bytes, kind: str, number: int, ending: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="INC-{number}-post-mortem.{ending}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _found(number: int) -> PostMortem:
    found = keeping.find(number)
    if found is None:
        raise NotFound(f"INC-{number} has no post-mortem yet.")
    return found


def _people() -> list[tuple[int, str]]:
    return [(ref.id, ref.name) for ref in sorted(accounts.user_refs().values(), key=lambda ref: ref.name)]


def _tried(request: Request, verb: Callable[[], object], said: str) -> None:
    try:
        verb()
    except (Conflict, Forbidden) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)


def _posted(request: Request) -> Mapping[str, object] | None:
    return request.POST if request.method == "POST" else None


def _now() -> float:
    return ports().clock.now()
