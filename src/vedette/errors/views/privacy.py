"""The pages of privacy under Settings: ask, look at what would go, erase it, read the receipts."""

from collections.abc import Mapping

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.errors.privacy import service
from vedette.errors.privacy.remains import NAMES, sentence
from vedette.errors.privacy.types import Datum, DatumKind, Erasure, ErasureStage
from vedette.errors.views.common import actor_of, now
from vedette.projects import service as projects
from vedette.ui.pager import Page

_HOME = "/settings/privacy/"
_LISTED, _SHOWN = 10, 50
_DOING = {
    ErasureStage.WAITING: "waiting for what is being digested",
    ErasureStage.EVENTS: "reading events, day by day",
    ErasureStage.FEEDBACK: "reading user feedback",
    ErasureStage.TEXTS: "reading issues and what was told of them",
    ErasureStage.WORDS: "rewriting the search index",
    ErasureStage.COPIES: "rewriting copies of core.db",
    ErasureStage.DISK: "seeing that the bytes are gone",
    ErasureStage.JOURNAL: "letting the journal go",
}


@require_safe
@needs(Verb.PRIVACY_ERASE)
def overview(request: HttpRequest) -> HttpResponse:
    """Show the form, what goes on, and the receipts."""
    return _overview(request, {})


@require_POST
@needs(Verb.PRIVACY_ERASE)
def ask(request: HttpRequest) -> HttpResponse:
    """Begin to look for what is kept about somebody; nothing is erased yet."""
    said = {name: request.POST.get(name, "") for name in ("kind", "value", "project")}
    try:
        kind = DatumKind.EMAIL if said["kind"] == "email" else DatumKind.ID
        asked = service.ask(
            actor_of(request), Datum(kind, said["value"]), said["project"], now(), dry_run=True
        )
    except (Invalid, NotFound, Conflict) as error:
        return _overview(request, said, str(error))
    return HttpResponseRedirect(f"{_HOME}{asked.id}/")


def _overview(request: HttpRequest, said: dict[str, str], problem: str = "") -> HttpResponse:
    actor = actor_of(request)
    receipts, cursor = service.receipts(actor, request.GET.get("cursor") or None, _LISTED)
    context = {
        "said": said, "problem": problem, "projects": projects.projects(), "receipts": receipts, "page": Page(receipts, cursor),
        "under_way": [(one, _doing(one)) for one in service.erasures(actor) if one.ended_at is None],
    }  # fmt: skip
    return render(request, "errors/privacy.html", context, status=422 if problem else 200)


@require_safe
@needs(Verb.PRIVACY_ERASE)
def erasure(request: HttpRequest, erasure_id: str) -> HttpResponse:
    """Show how far an erasure is; of a dry run, what would go. One that is over leads to its receipt."""
    one = service.erasure(actor_of(request), erasure_id)
    if one.ended_at is not None and not one.dry_run and not one.problem:
        return HttpResponseRedirect(f"{_HOME}receipts/{one.id}/")
    context = {
        "one": one, "doing": _doing(one), "sentence": sentence(one.counts, dry_run=one.dry_run), "rows": _rows(one.counts),
        "found": one.found[:_SHOWN], "more": len(one.found) > _SHOWN, "here": request.path,
    }  # fmt: skip
    return render(request, "errors/erasure.html", context)


@require_POST
@needs(Verb.PRIVACY_ERASE)
def erase(request: HttpRequest, erasure_id: str) -> HttpResponse:
    """Erase what a dry run found."""
    begun = service.confirm(actor_of(request), erasure_id, now())
    return HttpResponseRedirect(f"{_HOME}{begun.id}/")


@require_safe
@needs(Verb.PRIVACY_ERASE)
def receipt(request: HttpRequest, receipt_id: str) -> HttpResponse:
    """Show a receipt."""
    one = service.receipt(actor_of(request), receipt_id)
    context = {
        "one": one, "genuine": service.verify(one).genuine, "rows": _rows(one.counts),
        "sentence": sentence(one.counts, dry_run=False),
    }  # fmt: skip
    return render(request, "errors/receipt.html", context)


@require_safe
@needs(Verb.PRIVACY_ERASE)
def receipt_json(request: HttpRequest, receipt_id: str) -> HttpResponse:
    """Hand out a receipt as a file."""
    one = service.receipt(actor_of(request), receipt_id)
    told = msgspec.to_builtins(one) | {"asked_at": iso(one.asked_at), "ended_at": iso(one.ended_at)}
    answer = HttpResponse(msgspec.json.format(msgspec.json.encode(told)), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="erasure-{one.id}.json"'
    return answer


def _doing(one: Erasure) -> str:
    return "" if one.ended_at is not None else _DOING[one.stage]


def _rows(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(name, counts[key]) for key, name in NAMES.items() if counts.get(key)]
