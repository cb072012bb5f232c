"""The pages of plans: could we restore now, and one plan with its copies and history; and what is asked of it."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.backups import service
from vedette.backups.types import Standing, Wanted
from vedette.backups.views import common, saying
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.ui import requests
from vedette.wire.backup import BackupAct

_RUNS, _SHOWN = 8, 14
_ACTS: Mapping[str, tuple[BackupAct, str]] = {
    "run": (BackupAct.RUN, "The host backs it up as soon as it hears of it."),
    "drill": (BackupAct.DRILL, "The host restores it into a scratch place and looks at it as soon as it hears of it."),
    "list": (BackupAct.LIST, "The host lists what there is as soon as it hears of it."),
    "unlock": (BackupAct.UNLOCK, "The host removes the lock if its holder is proven gone."),
}  # fmt: skip
_RUNNING = {BackupAct.RUN, BackupAct.DRILL}
_SWITCHED = {"on": ("off", "is backed up again."), "off": ("on", "is no longer backed up.")}


@require_safe
@needs(Verb.BACKUP_READ)
def every(request: Request) -> HttpResponse:
    """Answer: could we restore now, how old is the proof, how long did it take? The worst first."""
    now, names = common.now(), common.host_names()
    found = service.standings(now)
    running = [one.running for one in found if one.running is not None]
    bare = {key: name for key, name in names.items() if key not in {one.known.host for one in found}}
    context = {
        "said": saying.of_all(found, now), "tiles": saying.tiles(found, now), "rows": common.plan_rows(found, names),
        "running": _running(running), "runs": common.run_rows(service.newest(Wanted(), _RUNS)), "bare": sorted(bare.items(), key=lambda one: one[1]),
        "left": [(one, f"{common.href_of(one.plan)}copies/{one.copy.name}/") for one in service.left()],
        **_rights(request), "here": request.get_full_path(), "tab": "plans",
    }  # fmt: skip
    return render(request, "backups/backups.html", context)


@require_safe
@needs(Verb.BACKUP_READ)
def one(request: Request, number: int) -> HttpResponse:
    """Show a plan: how it stands, its copies, what runs and ran, and what it says."""
    now = common.now()
    found = service.standing(number, now)
    context = {
        "said": saying.of_plan(found), "one": found, "known": found.known, "plan": found.known.plan,
        "host": common.host_name(common.host_names(), found.known.host), "rule": saying.rule_321(found), "tiles": saying.tiles_of(found, now), "missing": service.missing(number),
        "running": _running([found.running] if found.running else []), "orders": service.orders(number),
        "runs": common.run_rows(service.newest(Wanted(plan=number), _SHOWN)), "copies": _copies(found),
        "what": [(saying.source_name(each), saying.settings(each.settings)) for each in found.known.plan.what], "kept": saying.kept(found.known.plan.keep),
        **_rights(request), "here": request.get_full_path(),
    }  # fmt: skip
    return render(request, "backups/plan.html", context)


@require_POST
@needs(Verb.BACKUP_RUN)
def act(request: Request, number: int) -> HttpResponse:
    """Have the host run, prove, list or unlock something at once: `act` says which, `copy` where."""
    wanted = _ACTS.get(request.POST.get("act", ""))
    if wanted is None:
        messages.error(request, "There is no such act.")
        return HttpResponseRedirect(common.href_of(number))
    asked, said = wanted
    try:
        order = service.ask(
            request.actor, number, asked, common.now(), copy=request.POST.get("copy", "")[:60]
        )
    except (Conflict, Invalid) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(requests.back(request, common.href_of(number)))
    messages.success(request, said)
    there = f"{common.PAGE}runs/{order.id}/" if asked in _RUNNING else common.href_of(number)
    return HttpResponseRedirect(requests.back(request, there))


@require_POST
@needs(Verb.BACKUP_WRITE)
def switch(request: Request, number: int, state: str) -> HttpResponse:
    """Switch a plan `on` or `off`; the other way is offered as undo."""
    if state not in _SWITCHED:
        raise NotFound("A plan is on or off.")
    other, said = _SWITCHED[state]
    name = service.standing(number, common.now()).known.plan.name
    service.set_enabled(request.actor, number, state == "on", common.now())
    messages.success(request, f"{name} {said}", extra_tags=f"{common.href_of(number)}switch/{other}/")
    return HttpResponseRedirect(requests.back(request, common.href_of(number)))


@require_POST
@needs(Verb.BACKUP_WRITE)
def remove(request: Request, number: int) -> HttpResponse:
    """Remove a plan, whose name is typed first; what is in its repositories stays there."""
    found = service.standing(number, common.now()).known.plan
    if request.POST.get("confirm", "").strip() != found.name:
        raise Invalid(f"To remove it, type {found.name}.", {"confirm": "another name"})
    service.remove_plan(request.actor, number, common.now())
    messages.success(
        request,
        f"{found.name} is no longer backed up; what is in its repositories stays there, and its recovery sheets here.",
    )
    return HttpResponseRedirect(common.PAGE)


def _running(found: list[saying.AnyRun]) -> list[tuple[common.RunRow, int | None]]:
    return [(row, common.percent(row.one.progress)) for row in common.run_rows(found)]


def _copies(found: Standing) -> list[dict[str, object]]:
    return [
        {"one": copy, "href": f"{common.href_of(found.known.id)}copies/{copy.name}/", "listing": service.listing(found.known.id, copy.name)}
        for copy in found.known.plan.copies
    ]  # fmt: skip


def _rights(request: Request) -> dict[str, bool]:
    return {
        "may_run": may(request.actor, Verb.BACKUP_RUN).allowed, "may_write": may(request.actor, Verb.BACKUP_WRITE).allowed,
        "may_restore": may(request.actor, Verb.BACKUP_RESTORE).allowed, "may_sheet": may(request.actor, Verb.BACKUP_SHEET).allowed,
    }  # fmt: skip
