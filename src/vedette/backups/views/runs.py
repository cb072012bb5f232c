"""The pages of what ran: the list, one backup, drill or restore with its evidence, and the report of a drill as a file."""

from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.backups import service
from vedette.backups.types import Known, Order, Wanted
from vedette.backups.views import common, paper, saying
from vedette.core.errors import NotFound, Unavailable
from vedette.instruments import printing
from vedette.plumbing.ports import ports
from vedette.ui import requests
from vedette.wire.backup import BackupAct, BackupRun, DrillRun, Manifest, RestoreRun, Stage

_ROWS, _TABLES = 50, 200
_KINDS = {"run": "Backups", "drill": "Drills", "restore": "Restores"}


class Chip(msgspec.Struct, frozen=True):
    """A way to narrow the list: its word, where it leads, whether it is chosen."""

    text: str
    href: str
    on: bool


@require_safe
@needs(Verb.BACKUP_READ)
def every(request: Request) -> HttpResponse:
    """List what ran, the newest first: of a plan, of a kind, or what failed."""
    asked = _asked(request)
    page = service.runs(asked, request.GET.get("cursor", ""), _ROWS)
    context = {
        "said": saying.of_runs(page.items), "runs": common.run_rows(page.items), "page": page, "tab": "runs",
        "chips": _chips(asked), "plans": _plans(asked), "narrowed": asked != Wanted(), "here": request.get_full_path(),
    }  # fmt: skip
    return render(request, "backups/runs.html", context)


@require_safe
@needs(Verb.BACKUP_READ)
def one(request: Request, key: str) -> HttpResponse:
    """Show a backup, a drill or a restore: how far it is, what came of it, and what that rests on; or that its host has not begun."""
    try:
        known, found = service.run(key)
    except NotFound:
        return _waiting(request, service.order(key))
    context = {
        "said": saying.of_run(found, common.now()), "row": common.run_rows([found])[0], "one": found, "known": known,
        "plan_href": common.href_of(known.id) if known else "", "running": found.stage is Stage.RUNNING,
        "percent": common.percent(found.progress), "signed": service.signed(key), "here": request.get_full_path(),
        "may_run": may(request.actor, Verb.BACKUP_RUN).allowed, "may_write": may(request.actor, Verb.BACKUP_WRITE).allowed, **_kind(found, known),
    }  # fmt: skip
    return render(request, "backups/run.html", context)


@require_safe
@needs(Verb.BACKUP_READ)
def as_html(request: Request, key: str) -> HttpResponse:
    """Return the report of a drill as one file of HTML that needs nothing else."""
    return _file(_report(request, key).encode(), "text/html; charset=utf-8", key, "html")


@require_safe
@needs(Verb.BACKUP_READ)
def as_pdf(request: Request, key: str) -> HttpResponse:
    """Return the report of a drill printed; where nothing prints, say so and lead back."""
    settings = ports().settings
    try:
        made = printing.pdf(_report(request, key), settings.chromium_path, settings.journey_user)
    except Unavailable as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(f"{common.PAGE}runs/{key}/")
    return _file(made, "application/pdf", key, "pdf")


def _waiting(request: Request, order: Order) -> HttpResponse:
    """Show what was asked for and has no run yet."""
    known = service.plan(order.plan)
    context = {
        "order": order, "asked": order.order, "known": known, "host": common.host_name(common.host_names(), order.host), "here": request.get_full_path(),
        "plan_href": common.href_of(known.id), "waits": order.done_at is None,
    }  # fmt: skip
    return render(request, "backups/waiting.html", context)


def _kind(found: saying.AnyRun, known: Known | None) -> dict[str, object]:
    """Return what one kind of run has alone."""
    if isinstance(found, BackupRun):
        return {"backup": found, "parts": _parts(found.manifest)}
    if isinstance(found, RestoreRun):
        return {"restore": found}
    goals = known.plan.goals if known else None
    return {
        "drill": found, "goals": goals, "may_print": bool(printing.chromium(ports().settings.chromium_path)),
        "rto_tone": saying.within(found.rto, goals.rto) if goals else "", "rpo_tone": saying.within(found.rpo, goals.rpo) if goals else "",
    }  # fmt: skip


def _parts(manifest: Manifest | None) -> Sequence[dict[str, object]]:
    if manifest is None:
        return ()
    return [
        {"one": part, "tables": sorted(part.tables, key=lambda table: -table.rows)[:_TABLES], "more": max(0, len(part.tables) - _TABLES)}
        for part in manifest.parts
    ]  # fmt: skip


def _report(request: Request, key: str) -> str:
    known, found = service.run(key)
    if not isinstance(found, DrillRun) or found.stage is Stage.RUNNING:
        raise NotFound("There is a report once a drill is over.")
    host = common.host_name(common.host_names(), known.host) if known else ""
    return paper.whole(found, known, host, service.signed(key), requests.zone(request))


def _file(body: bytes, kind: str, key: str, ending: str) -> HttpResponse:
    answer = HttpResponse(body, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="drill-{key}.{ending}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _asked(request: Request) -> Wanted:
    get = request.GET
    plan, act = get.get("plan", ""), get.get("kind", "")
    return Wanted(
        plan=int(plan) if plan.isascii() and plan.isdecimal() and len(plan) < 16 else None,
        act=BackupAct(act) if act in _KINDS else None,
        failed=get.get("failed") == "1",
    )


def _href(asked: Wanted) -> str:
    told = {
        "plan": asked.plan or "",
        "kind": asked.act.value if asked.act else "",
        "failed": "1" if asked.failed else "",
    }
    query = urlencode({key: value for key, value in told.items() if value})
    return f"{common.PAGE}runs/?{query}" if query else f"{common.PAGE}runs/"


def _chips(asked: Wanted) -> list[Chip]:
    def other(**change: object) -> str:
        return _href(msgspec.structs.replace(asked, **change))

    kinds = [Chip(word, other(act=BackupAct(kind)), asked.act == kind) for kind, word in _KINDS.items()]
    return [
        Chip("All kinds", other(act=None), asked.act is None),
        *kinds,
        Chip("Failed", other(failed=not asked.failed), asked.failed),
    ]


def _plans(asked: Wanted) -> list[Chip]:
    """Return a chip for each plan where there are several."""
    found = service.every_plan()
    if len(found) < 2 and asked.plan is None:
        return []
    chips = [
        Chip(each.plan.name, _href(msgspec.structs.replace(asked, plan=each.id)), asked.plan == each.id)
        for each in found[:_ROWS]
    ]  # fmt: skip
    return [Chip("All plans", _href(msgspec.structs.replace(asked, plan=None)), asked.plan is None), *chips]
