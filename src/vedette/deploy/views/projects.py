"""The pages of projects: how all stand, and one with its picture, what must be true, and every thing with its state."""

from collections.abc import Sequence

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import Conflict, Invalid
from vedette.deploy import service
from vedette.deploy.types import KeptDrift, ProjectStanding, ThingStanding
from vedette.deploy.views import common, marks, saying
from vedette.deploy.views.drawn import drawn
from vedette.deploy.words.pictures import State
from vedette.ui import requests
from vedette.wire import jsons

_MOST, _LATELY, _DRIFTS, _LONGEST = 50, 5, 5, 200
_SAID = frozenset({"there", "drifted", "gone", "in no file", "foreign"})  # by the state against the files


class ProjectRow(msgspec.Struct, frozen=True):
    """A project as the list shows it."""

    one: ProjectStanding
    href: str
    tone: str
    word: str


class ThingRow(msgspec.Struct, frozen=True):
    """A thing as the page of its project shows it: how it is against the files, what it is, and how it is right now."""

    one: ThingStanding
    tone: str
    word: str
    about: str
    sentence: str
    monthly: str
    now: Sequence[State]


class DriftRow(msgspec.Struct, frozen=True):
    """A drift in short."""

    one: KeptDrift
    tone: str
    word: str
    kind: str


@require_safe
@needs(Verb.INFRA_READ)
def every(request: Request) -> HttpResponse:
    """Answer: is everything at Hetzner as it should be? The worst first."""
    found = service.standings(common.now())
    rows = [
        ProjectRow(each, common.page_of(each.project.id), *marks.CONDITIONS[each.condition]) for each in found
    ]
    context = {
        "said": saying.of_projects(found),
        "rows": rows,
        "sections": common.sections(""),
        **common.rights(request),
    }
    return render(request, "deploy/infrastructure.html", context)


@require_safe
@needs(Verb.INFRA_READ)
def one(request: Request, number: int) -> HttpResponse:
    """Show a project: the picture, what must be true, and things by kind."""
    found = service.standing(number, common.now())
    page = common.page_of(number)
    runs = service.runs(number, n=_LATELY).items
    tone, word = marks.CONDITIONS[found.condition]
    context = {
        "said": saying.of_project(found), "one": found, "project": found.project, "page": page, "tone": tone, "word": word,
        "drawn": drawn(found.drawn), "tiles": saying.tiles(found, page), "intents": saying.intents(found.intents),
        "kinds": _kinds(found.things), "drifts": _drifts(found.drifts[:_DRIFTS]), "pending": bool(found.planned and found.planned.changes),
        "running": next(iter(common.run_rows([found.running] if found.running else [])), None), "runs": common.run_rows(runs),
        "drift_href": f"{common.PAGE}drift/?project={number}", "runs_href": f"{common.PAGE}runs/?project={number}",
        "sections": common.sections("-"), **common.rights(request),
    }  # fmt: skip
    return render(request, "deploy/project.html", context)


@require_POST
@needs(Verb.INFRA_LOOK)
def look(request: Request, number: int) -> HttpResponse:
    """Read a project as soon as its budget of requests allows."""
    try:
        service.look_soon(request.actor, number, common.now())
        messages.success(request, "It is read within a few seconds; this page follows.")
    except Conflict as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(requests.back(request, common.page_of(number)))


@require_POST
@needs(Verb.INFRA_WRITE)
def forget(request: Request, number: int) -> HttpResponse:
    """Forget a project, whose name is typed first; nothing at Hetzner changes."""
    name = service.project(str(number)).name
    try:
        service.forget(request.actor, number, request.POST.get("confirm", "")[:_LONGEST], common.now())
    except (Conflict, Invalid) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(common.page_of(number))
    messages.success(
        request, f"{name} is watched no more. Nothing at Hetzner changed; its token can be removed there."
    )
    return HttpResponseRedirect(common.PAGE)


def _kinds(found: Sequence[ThingStanding]) -> list[tuple[str, str, int, list[ThingRow]]]:
    """Return things under their kinds, the worst first, with how many there are; of many of a kind only some."""
    grouped: dict[str, list[ThingStanding]] = {}
    for each in found:
        grouped.setdefault(each.ref.kind, []).append(each)
    return [
        (kind, marks.called(kind), len(grouped[kind]), [_thing(each) for each in grouped[kind][:_MOST]])
        for kind in marks.by_kind(grouped)
    ]


def _thing(one: ThingStanding) -> ThingRow:
    tone, word = marks.THINGS[one.state]
    monthly = "" if float(one.monthly) == 0 else one.monthly
    now = [each for each in one.now if each.word not in _SAID]
    wrong = [each for each in now if each.tone != "ok"]
    return ThingRow(one, tone, word, _about(one), "" if tone == "ok" else one.sentence, monthly, wrong or now)


def _about(one: ThingStanding) -> str:
    """Return in a few words what a thing is: its type, where it stands, its address."""
    fields = one.thing.fields if one.thing else {}
    parts = [
        jsons.text(fields, "type"),
        jsons.text(fields, "location"),
        jsons.text(fields, "range"),
        jsons.text(fields, "ipv4"),
    ]
    size = jsons.number(fields, "size")
    return ", ".join([*filter(None, parts), *([f"{size} GB"] if size else [])])


def _drifts(found: Sequence[KeptDrift]) -> list[DriftRow]:
    return [DriftRow(each, *marks.DRIFTS[each.state], marks.called(each.ref.kind)) for each in found]
