"""The pages of a copy: the moments it can be restored to, and what lies in one, which its host looks up."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.backups import service
from vedette.backups.types import Known
from vedette.backups.views import common, restoring
from vedette.core.errors import Conflict, NotFound
from vedette.ui import pager
from vedette.wire.backup import Aim, BackupAct, Copy, Entry

_ROWS, _ENTRIES = 50, 1_000
_KINDS = {"folder": ("folder", 0), "file": ("file", 1), "link": ("corner-down-right", 2)}


@require_safe
@needs(Verb.BACKUP_READ)
def copy(request: Request, number: int, name: str) -> HttpResponse:
    """Show a copy: where it is, what it held when it was last listed."""
    known = service.plan(number)
    kept, found = _copy(known, name), restoring.of_copy(known, name)
    cursor = request.GET.get("cursor", "")
    first = max(0, pager.decode(cursor, tuple[int])[0]) if cursor else 0
    following = pager.encode(first + _ROWS) if first + _ROWS < len(found) else None
    context = {
        "known": known, "copy": kept, "listing": service.listing(number, name), "found": found[first : first + _ROWS], "count": len(found),
        "page": pager.Page(found, following), "here": request.get_full_path(), "href": f"{common.href_of(number)}copies/{name}/",
        "secrets": [(each, (name, each) in service.missing(number)) for each in ("password", *kept.secrets)],
        "may_run": may(request.actor, Verb.BACKUP_RUN).allowed, "may_write": may(request.actor, Verb.BACKUP_WRITE).allowed,
        "may_restore": may(request.actor, Verb.BACKUP_RESTORE).allowed, "may_sheet": may(request.actor, Verb.BACKUP_SHEET).allowed,
    }  # fmt: skip
    return render(request, "backups/copy.html", context)


@require_POST
@needs(Verb.BACKUP_RUN)
def look(request: Request, number: int, name: str) -> HttpResponse:
    """Have the host look into a backup, below a folder."""
    known = service.plan(number)
    aim = Aim(snapshot=request.POST.get("snapshot", "")[:200])
    try:
        order = service.ask(
            request.actor, number, BackupAct.LIST, common.now(), copy=_copy(known, name).name, aim=aim, below=request.POST.get("below", "/")[:4_000] or "/",
        )  # fmt: skip
    except Conflict as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(f"{common.href_of(number)}copies/{name}/")
    return HttpResponseRedirect(f"{common.href_of(number)}looks/{order.id}/")


@require_safe
@needs(Verb.BACKUP_READ)
def inside(request: Request, number: int, key: str) -> HttpResponse:
    """Show what lies below a folder in a backup, once the host has looked; files are ticked to be restored."""
    known, order = service.plan(number), service.order(key)
    if order.plan != number or order.order.act is not BackupAct.LIST:
        raise NotFound("There is no such look into a backup.")
    shelf, asked = service.browsed(key), order.order
    entries = sorted(shelf.entries, key=_rank) if shelf else []
    context = {
        "known": known, "shelf": shelf, "order": order, "copy": asked.copy, "snapshot": asked.aim.snapshot, "below": asked.below, "above": _above(asked.below),
        "rows": [(each, _KINDS.get(each.kind, ("circle-help", 3))[0], _last(each.name)) for each in entries[:_ENTRIES]], "more": max(0, len(entries) - _ENTRIES),
        "waits": shelf is None and order.done_at is None, "here": request.get_full_path(), "href": f"{common.href_of(number)}copies/{asked.copy}/",
        "may_run": may(request.actor, Verb.BACKUP_RUN).allowed, "may_restore": may(request.actor, Verb.BACKUP_RESTORE).allowed,
    }  # fmt: skip
    return render(request, "backups/inside.html", context)


def _copy(known: Known, name: str) -> Copy:
    found = next((each for each in known.plan.copies if each.name == name), None)
    if found is None:
        raise NotFound(f"{known.plan.name} has no copy {name[:60]!r}.")
    return found


def _rank(one: Entry) -> tuple[int, str]:
    return _KINDS.get(one.kind, ("", 3))[1], one.name


def _last(name: str) -> str:
    return name.rstrip("/").rpartition("/")[2] or name


def _above(below: str) -> str:
    """Return the folder above, empty at the top."""
    if below.strip("/") == "":
        return ""
    return below.rstrip("/").rpartition("/")[0] or "/"
