"""The page of a plan: what would be done and what is dangerous about it; and carrying it out."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import Conflict, Invalid, Unavailable
from vedette.deploy import service
from vedette.deploy.types import Deed
from vedette.deploy.views import common, saying
from vedette.ui import requests

_VERBS = {Deed.APPLY: "Apply", Deed.REVERT: "Revert"}
_DEEDS = {Deed.APPLY.value: Deed.APPLY, Deed.REVERT.value: Deed.REVERT, Deed.ADOPT.value: Deed.ADOPT}
_TARGETS, _LONGEST = 50, 200


@require_safe
@needs(Verb.INFRA_READ)
def changes(request: Request, number: int) -> HttpResponse:
    """Show what an apply, or a revert of some things, would do: the dangers first."""
    project = service.project(str(number))
    deed = Deed.REVERT if request.GET.get("deed") == Deed.REVERT else Deed.APPLY
    targets = _targets(request.GET.getlist("target"))
    found = service.planned(number, deed, targets, common.now())
    context = {
        "said": saying.of_plan(found.planned), "project": project, "page": common.page_of(number), "deed": deed.value, "verb": _VERBS[deed],
        "targets": targets, "typed": found.typed, "mark": found.mark, **common.plan(found.planned), **common.rights(request),
    }  # fmt: skip
    return render(request, "deploy/changes.html", context)


@require_POST
@needs(Verb.INFRA_APPLY)
def act(request: Request, number: int) -> HttpResponse:
    """Have a plan carried out that somebody looked at, or files say what is there."""
    deed = _DEEDS.get(request.POST.get("deed", ""))
    if deed is None:
        raise Invalid("It is applied, reverted or adopted.", {"deed": "another one"})
    targets = _targets(request.POST.getlist("target"))
    try:
        run = service.ask(
            request.actor, number, deed, targets, common.now(),
            mark=request.POST.get("mark", "")[:_LONGEST], confirmed=request.POST.get("confirm", "").strip()[:_LONGEST],
        )  # fmt: skip
    except (Conflict, Invalid, Unavailable) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(requests.back(request, f"{common.page_of(number)}changes/"))
    return HttpResponseRedirect(f"{common.PAGE}runs/{run.id}/")


def _targets(said: list[str]) -> tuple[str, ...]:
    """Return which things are meant: `server/web-1`."""
    return tuple(each[:_LONGEST] for each in said[:_TARGETS] if each)
