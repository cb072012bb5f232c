"""The wizard of a plan: whose, what of what its agent found, and the plan itself; and changing one."""

from collections.abc import Callable, Sequence

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.backups import service
from vedette.backups.types import Known, Offered
from vedette.backups.views import common
from vedette.backups.views.draft import Draft, changed
from vedette.core.errors import Conflict, Invalid
from vedette.instruments.backup.registry import engines, sources
from vedette.ui import requests
from vedette.wire.backup import Copy, Plan, Schedule, What

_NEW = f"{common.PAGE}new/"


class HostRow(msgspec.Struct, frozen=True):
    """A host of which something may be saved: what its agent found there, and how many plans it has."""

    href: str
    name: str
    offered: Offered | None
    plans: int


@require_safe
@needs(Verb.BACKUP_WRITE)
def hosts(request: Request) -> HttpResponse:
    """Choose of which host something is to be saved, those without a plan first."""
    rows = [
        HostRow(f"{_NEW}{key}/", name, service.offered(key), len(service.plans_of(key)))
        for key, name in common.host_names().items()
    ]
    return render(
        request, "backups/new_hosts.html", {"rows": sorted(rows, key=lambda row: (row.plans > 0, row.name))}
    )


@require_safe
@needs(Verb.BACKUP_WRITE)
def found(request: Request, host: int) -> HttpResponse:
    """Choose what of what the agent found is to be saved, and what else."""
    context = {
        "name": common.host_of(host), "offered": service.offered(host), "known": service.plans_of(host), "action": f"{_NEW}{host}/plan/",
        "kinds": list(sources().values()), "href": f"{_NEW}{host}/plan/",
    }  # fmt: skip
    return render(request, "backups/new_found.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.BACKUP_WRITE)
def new(request: Request, host: int) -> HttpResponse:
    """Make a plan of what was chosen."""
    name = common.host_of(host)
    plan = _chosen(request, host)

    def keep(draft: Draft) -> Known:
        return service.put_plan(
            request.actor, host, draft.plan(), common.now(), project=draft.main.cleaned_data["project"] or 0
        )

    return _written(request, plan, 0, keep, {"host": name, "cancel": common.PAGE})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.BACKUP_WRITE)
def edit(request: Request, number: int) -> HttpResponse:
    """Change a plan; it is proven anew after that."""
    known = service.plan(number)

    def keep(draft: Draft) -> Known:
        project = draft.main.cleaned_data["project"] or 0
        return service.put_plan(
            request.actor, known.host, draft.plan(), common.now(), plan_id=number, project=project
        )

    named = common.host_name(common.host_names(), known.host)
    return _written(
        request,
        known.plan,
        known.project,
        keep,
        {"host": named, "known": known, "cancel": common.href_of(number)},
    )


def _written(
    request: Request, plan: Plan, project: int, keep: Callable[[Draft], Known], context: dict[str, object]
) -> HttpResponse:
    """Show the form, with a row more or less where that was asked, or keep what was written."""
    if request.method != "POST":
        return _form(request, Draft(plan, project), context)
    if "add" in request.POST or "drop" in request.POST:
        return _form(request, changed(plan, request.POST), context)
    draft = Draft(plan, project, request.POST)
    if draft.is_valid():
        try:
            known = keep(draft)
            _keep_secrets(request, known, draft)
        except Invalid as error:
            draft.blame(error)
        except Conflict as error:
            draft.main.add_error(None, str(error))
        else:
            messages.success(
                request,
                f"{known.plan.name} is kept. It is backed up when its time comes, and proven right after. “Back up now” does not wait.",
            )
            return HttpResponseRedirect(common.href_of(known.id))
    return _form(request, draft, context, 422)


def _keep_secrets(request: Request, known: Known, draft: Draft) -> None:
    for copy, name, text in draft.secrets():
        service.set_secret(request.actor, known.id, copy, name, text, common.now())


def _form(request: Request, draft: Draft, context: dict[str, object], status: int = 200) -> HttpResponse:
    shown = {
        "draft": draft, "main": draft.main, "groups": draft.main.grouped(), "kinds": list(sources().values()),
        "no_engine": not engines(), "wrong": status != 200, **context,
    }  # fmt: skip
    return render(request, "backups/plan_form.html", shown, status=status)


def _chosen(request: Request, host: int) -> Plan:
    """Return a plan with what was chosen of what the agent found (`found`, by place) and of kinds (`kind`)."""
    offered = service.offered(host)
    proposed = offered.found if offered else ()
    places = [
        int(one) for one in request.GET.getlist("found") if one.isascii() and one.isdecimal() and len(one) < 6
    ]
    what = [proposed[place].what for place in places if place < len(proposed)]
    what += [What(kind=kind) for kind in request.GET.getlist("kind") if kind in sources()]
    zone = requests.zone(request)
    return Plan(name="", what=tuple(what), copies=(_first_copy(offered, what),), schedule=Schedule(zone=zone))


def _first_copy(offered: Offered | None, what: Sequence[What]) -> Copy:
    """Return an empty copy with an engine that the host has, and that saves what was chosen."""
    cluster = [one.settings.get("mode") for one in what] == ["pitr"]
    fit = [kind for kind, engine in engines().items() if engine.cluster == cluster]
    there = [kind for kind in fit if offered is not None and kind in offered.engines]
    return Copy(name="", engine=(there or fit or [""])[0], at="")
