"""What the forms of an incident's page do; each leads back to the page, with a sentence."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.incidents import service
from vedette.incidents.progress import Act
from vedette.incidents.types import Impact, LinkKind, ResponderRole, Sev, Urgency
from vedette.plumbing.ports import ports
from vedette.ui import requests

P = ParamSpec("P")
_DONE = {
    Act.ACKNOWLEDGE: "You take care of it; its alerts are acknowledged, too.",
    Act.MITIGATE: "It is mitigated. What is left is to watch.",
    Act.RESOLVE: "It is resolved.",
    Act.REOPEN: "It is open again.",
}


def _answered(
    view: Callable[Concatenate[Request, P], str],
) -> Callable[Concatenate[Request, P], HttpResponse]:
    """Turn a sentence into an answer: the page again, with it; what is refused says why in its place."""

    @wraps(view)
    def answered(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        number = kwargs.get("number")
        found = service.incident(number if isinstance(number, int) else 0)
        try:
            said = view(request, *args, **kwargs)
        except (Invalid, Conflict, NotFound) as error:
            messages.error(request, " ".join((str(error), *getattr(error, "fields", {}).values())))
        else:
            if said:
                messages.success(request, said)
        return HttpResponseRedirect(requests.back(request, f"/incidents/{found.id}/"))

    return answered


@require_POST
@needs(Verb.INCIDENT_WRITE)
@_answered
def act(request: Request, number: int) -> str:
    """Acknowledge, mitigate, resolve, open again; silence its alerts for an hour."""
    asked = request.POST.get("act", "")
    if asked == "silence":
        return _silenced(service.silence(request.actor, number, _now()))
    if asked not in {each.value for each in Act}:
        raise Invalid("Nothing of this kind can be done with an incident.")
    found = service.act(request.actor, number, Act(asked), _now())
    if asked == Act.RESOLVE.value:
        messages.success(request, f"{found.key} is resolved.", extra_tags=f"{found.link}reopen/")
        return ""
    return _DONE[Act(asked)]


def _silenced(n: int) -> str:
    if n == 0:
        return "None of its alerts fires that is not silent already."
    more = " If more of them fire, silence again." if n == service.MOST_SILENCED else ""
    return f"{n} {'alert is' if n == 1 else 'alerts are'} silent for 1 h.{more}"


@require_POST
@needs(Verb.INCIDENT_WRITE)
@_answered
def reopen(request: Request, number: int) -> str:
    """Open it again: the undo of resolving."""
    service.reopen(request.actor, number, _now())
    return _DONE[Act.REOPEN]


@require_POST
@needs(Verb.INCIDENT_WRITE)
@_answered
def weigh(request: Request, number: int) -> str:
    """Set severity, impact and urgency."""
    posted = request.POST
    try:
        chosen = (
            Impact(posted.get("impact", "")),
            Urgency(posted.get("urgency", "")),
            Sev(int(posted.get("severity", ""))),
        )
    except ValueError:
        raise Invalid("Choose an impact, an urgency and a severity of the lists.") from None
    made = service.weigh(request.actor, number, *chosen, _now())
    return f"It is SEV {made.severity.value}."


@require_POST
@needs(Verb.INCIDENT_WRITE)
@_answered
def rename(request: Request, number: int) -> str:
    """Change title and summary."""
    service.rename(
        request.actor, number, request.POST.get("title", ""), request.POST.get("summary", ""), _now()
    )
    return "Its name is changed."


@require_POST
@needs(Verb.INCIDENT_WRITE)
@_answered
def note(request: Request, number: int) -> str:
    """Write a note."""
    service.note(request.actor, number, request.POST.get("text", ""), _now())
    return ""


@require_POST
@needs(Verb.INCIDENT_WRITE)
@_answered
def entry(request: Request, number: int, line: int) -> str:
    """Pin, hide or annotate a line, or take that back."""
    asked, actor, now = request.POST.get("act", ""), request.actor, _now()
    if asked == "annotate":
        service.annotate(actor, number, line, request.POST.get("text", ""), now)
    elif asked in {"pin", "unpin"}:
        service.pin(actor, number, line, now, on=asked == "pin")
    elif asked in {"hide", "show"}:
        service.hide(actor, number, line, now, on=asked == "hide")
        return (
            "The line is hidden; it stands under Hidden." if asked == "hide" else "The line is shown again."
        )
    else:
        raise Invalid("Nothing of this kind can be done with a line.")
    return ""


@require_POST
@needs(Verb.INCIDENT_WRITE)
@_answered
def draft(request: Request, number: int) -> str:
    """Keep what customers could be told."""
    service.draft(request.actor, number, request.POST.get("text", ""), _now())
    return "The draft is kept; nobody is told before you publish it."


@require_POST
@needs(Verb.INCIDENT_WRITE)
@_answered
def responders(request: Request, number: int) -> str:
    """Let somebody take part, in a role, or no more."""
    user = _number(request, "user") or request.actor.id
    if request.POST.get("act") == "leave":
        service.leave(request.actor, number, user, _now())
        return "They take no part any more."
    try:
        role = ResponderRole(request.POST.get("role", "responder"))
    except ValueError:
        raise Invalid("There is no such role.") from None
    service.join(request.actor, number, user, _now(), role)
    return ""


@require_POST
@needs(Verb.INCIDENT_WRITE)
@_answered
def tasks(request: Request, number: int) -> str:
    """Add something to do."""
    service.add_task(
        request.actor, number, request.POST.get("text", ""), _now(), assignee=_number(request, "assignee")
    )
    return ""


@require_POST
@needs(Verb.INCIDENT_WRITE)
@_answered
def task(request: Request, number: int, task: int) -> str:
    """Say that something is done, or not."""
    service.finish_task(request.actor, number, task, _now(), done=request.POST.get("done") != "0")
    return ""


@require_POST
@needs(Verb.INCIDENT_WRITE)
def merge(request: Request, number: int) -> HttpResponse:
    """Let it live on in another one, and lead there."""
    try:
        into = service.number_of(request.POST.get("into", ""))
        target = service.merge(request.actor, number, into, _now())
    except (Invalid, Conflict, NotFound) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(f"/incidents/{number}/")
    messages.success(request, f"INC-{number} lives on here.")
    return HttpResponseRedirect(target.link)


@require_POST
@needs(Verb.INCIDENT_WRITE)
@_answered
def split(request: Request, number: int) -> str:
    """Make an incident of its own of some alerts."""
    prints = request.POST.getlist("alerts")[:500]
    made = service.split(request.actor, number, prints, request.POST.get("title", ""), _now())
    return f"{made.key} {made.title} is an incident of its own."


@require_POST
@needs(Verb.INCIDENT_WRITE)
@_answered
def links(request: Request, number: int) -> str:
    """Link another incident, or part them."""
    other = service.number_of(request.POST.get("other", ""))
    if request.POST.get("act") == "part":
        service.unlink(request.actor, number, other, _now())
        return f"INC-{other} is parted from it."
    kind = LinkKind.CAUSED_BY if request.POST.get("kind") == "caused_by" else LinkKind.RELATED
    service.link(request.actor, number, other, kind, _now())
    return f"INC-{other} is linked."


def _number(request: Request, name: str) -> int | None:
    given = request.POST.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 16 else None


def _now() -> float:
    return ports().clock.now()
