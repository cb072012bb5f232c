"""The settings page of a project's owners: rules, a try on its last issues, what becomes of new ones."""

from collections import Counter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Invalid
from vedette.errors.owners import service
from vedette.errors.owners.types import OwnerRules, Trial
from vedette.errors.views.common import actor_of, now
from vedette.projects import service as projects


@require_safe
@needs(Verb.PROJECT_READ)
def owners(request: HttpRequest, slug: str) -> HttpResponse:
    """Show who owns the new issues of a project."""
    return _page(request, slug, service.rules(slug))


@require_POST
@needs(Verb.PROJECT_WRITE)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep the rules, or try them on the last issues without keeping them."""
    wanted = OwnerRules(request.POST.get("source", ""), request.POST.get("mode") == "suggest")
    try:
        if request.POST.get("do") == "preview":
            return _page(request, slug, wanted, trials=service.preview(slug, wanted.source))
        service.set_rules(actor_of(request), slug, wanted, now())
    except Invalid as error:
        return _page(request, slug, wanted, problem=str(error))
    messages.success(request, "Saved. Issues that are new from now on go by these rules.")
    return HttpResponseRedirect(f"/settings/projects/{slug}/owners/")


def _page(
    request: HttpRequest,
    slug: str,
    rules: OwnerRules,
    *,
    trials: tuple[Trial, ...] | None = None,
    problem: str = "",
) -> HttpResponse:
    context = {
        "project": projects.project(slug), "rules": rules, "kept": service.rules(slug), "trials": trials, "problem": problem,
        "sentence": "" if trials is None else _sentence(trials),
        "may_write": may(actor_of(request), Verb.PROJECT_WRITE).allowed,
    }  # fmt: skip
    return render(request, "errors/owners.html", context, status=422 if problem else 200)


def _sentence(trials: tuple[Trial, ...]) -> str:
    if not trials:
        return "No issue is there yet to try the rules on."
    owned = Counter(trial.owner for trial in trials if trial.owner)
    if not owned:
        return f"None of the last {len(trials)} issues would have an owner."
    shares = ", ".join(f"{name} {n}" for name, n in owned.most_common())
    return f"{owned.total()} of the last {len(trials)} issues would have an owner: {shares}."
