"""The page of floods: what holds one back from each host and how that is known, and the switch that tightens it for a while."""

from collections.abc import Iterable, Sequence

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Conflict, Invalid
from vedette.deploy import service
from vedette.deploy.types import Defence, FloodHost, Stand
from vedette.deploy.views import common
from vedette.deploy.views.saying import Said

_PAGE = f"{common.PAGE}attack/"
_STANDS = {
    Stand.OPEN: ("warn", "Open"), Stand.UNKNOWN: ("off", "Unknown"), Stand.GIVEN: ("info", "Given"), Stand.HELD: ("ok", "Held"),
    Stand.OFF: ("off", "Off"),
}  # fmt: skip
_ORDER = (Stand.OPEN, Stand.UNKNOWN, Stand.OFF, Stand.HELD, Stand.GIVEN)
_USUAL = 60  # minutes


Line = tuple[str, str, str, str, str]


class FloodRow(msgspec.Struct, frozen=True):
    """A host as the page shows it: its mark, its lines (tone, word, layer, sentence, how it is known), and lengths as words."""

    one: FloodHost
    tone: str
    word: str
    lines: Sequence[Line]
    lengths: Sequence[tuple[int, str, bool]]


@require_safe
@needs(Verb.INFRA_READ)
def every(request: Request) -> HttpResponse:
    """Answer: is anybody under attack, and what would hold a flood back?"""
    found = service.flood_hosts(common.now())
    context = {
        "said": _said(found), "rows": [_row(each) for each in found],
        "for_all": _lines(each for one in found[:1] for each in one.defences if each.for_all), "page": _PAGE, "sections": common.sections("attack/"),
        "may_switch": may(request.actor, Verb.INCIDENT_WRITE).allowed, "can_ask": any(each.lengths for each in found),
        "waits": any(each.waits for each in found), **common.rights(request),
    }  # fmt: skip
    return render(request, "deploy/attack.html", context)


@require_POST
@needs(Verb.INCIDENT_WRITE)
def on(request: Request, host: int) -> HttpResponse:
    """Have a host tighten its limits for a while."""
    said = request.POST.get("minutes", "")
    minutes = int(said) if said.isascii() and said.isdecimal() and len(said) < 6 else 0
    if not minutes:
        raise Invalid("Say for how many minutes.", {"minutes": "no number of minutes"})
    try:
        service.turn_on(request.actor, host, minutes, common.now())
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "It is told. The host answers within a few seconds and ends it by itself.")
    return HttpResponseRedirect(_PAGE)


@require_POST
@needs(Verb.INCIDENT_WRITE)
def off(request: Request, host: int) -> HttpResponse:
    """Have a host end it now."""
    try:
        service.turn_off(request.actor, host, common.now())
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "It is told to end it.")
    return HttpResponseRedirect(_PAGE)


@require_POST
@needs(Verb.INCIDENT_WRITE)
def ask(request: Request) -> HttpResponse:
    """Have every host that lets the server tell how it stands."""
    count = service.ask_hosts(request.actor, common.now())
    if count:
        messages.success(request, f"{_many(count, 'host')} asked; each answers within a few seconds.")
    else:
        messages.error(
            request, "No host could be asked: each waits for an answer already, or does not let the server."
        )
    return HttpResponseRedirect(_PAGE)


def _said(found: Sequence[FloodHost]) -> Said:
    under = [each.name for each in found if each.until]
    if under:
        are = "is" if len(under) == 1 else "are"
        return Said(
            title=f"{', '.join(under)} {are} under attack.", tone="warn",
            text="New connections to the ports of the web are limited there. Each host ends that by itself.",
        )  # fmt: skip
    if not found:
        return Said(
            title="No host is watched yet.",
            text="Each host will stand here with what holds a flood back, layer by layer, and how that is known.",
        )
    return Said(
        title="Nobody is under attack.",
        text="What holds a flood back, layer by layer; what nobody saw counts as unknown, never as held.",
        tone="ok",
    )


def _row(one: FloodHost) -> FloodRow:
    tone, word = (
        ("warn", "Under attack") if one.until
        else ("info", "Asked") if one.waits
        else ("crit", "Failed") if one.problem
        else ("off", "Switch off") if one.lengths
        else ("off", "No switch")
    )  # fmt: skip
    shown = [each for each in one.defences if one.told_at is not None or each.stand is not Stand.UNKNOWN]
    lines = _lines(each for each in shown if not each.for_all)
    usual = _USUAL if _USUAL in one.lengths else min(one.lengths, default=0)
    return FloodRow(one, tone, word, lines, [(each, _length(each), each == usual) for each in one.lengths])


def _lines(found: Iterable[Defence]) -> list[Line]:
    ordered = sorted(found, key=lambda each: _ORDER.index(each.stand))
    return [(*_STANDS[each.stand], each.layer, each.sentence, each.known) for each in ordered]


def _length(minutes: int) -> str:
    return f"{minutes} minutes" if minutes < 60 else _many(minutes // 60, "hour")


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
