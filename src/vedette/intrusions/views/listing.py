"""The page of detections and bans: who attacks what, whether a real user is banned, and what stands."""

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Invalid
from vedette.intrusions import service, signal
from vedette.intrusions.forms import BanForm
from vedette.intrusions.types import Attacker, Ban, Shown
from vedette.intrusions.views.common import PAGE, RANGES, back, now, posted
from vedette.ui.pager import Page

SHOWN, STANDING = 50, 50
_TONES = {"critical": "crit", "high": "crit", "medium": "warn", "low": "warn"}


class Row(msgspec.Struct, frozen=True):
    """An attacker as shown: its page, its tone and word, whom it attacked, and where it is."""

    one: Attacker
    href: str
    tone: str
    word: str
    whom: str
    where: Shown


class Standing(msgspec.Struct, frozen=True):
    """A ban as shown, and the real users it is about."""

    ban: Ban
    href: str
    people: str = ""


@require_safe
@needs(Verb.BAN_READ)
def bans(request: Request) -> HttpResponse:
    """Show who attacks, worst first, and who is banned, the newest first."""
    return _page(request, BanForm())


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.BAN_WRITE)
def add(request: Request) -> HttpResponse:
    """Ban an address or network; a wide one is asked about first."""
    form = BanForm(posted(request))
    if not form.is_bound or not form.is_valid():
        return _asked(request, form)
    value, at = form.cleaned_data["value"], now()
    try:
        wide = service.is_wide(value)
        if wide and form.cleaned_data["confirmed"] != value:
            sent = request.POST.copy()
            sent["confirmed"] = value
            form = BanForm(sent)
            return _asked(
                request, form, f"{value} is wider than one attacker has. Everybody in it is shut out."
            )
        made = service.ban(
            request.actor, value, at + form.cleaned_data["lasts"], form.cleaned_data["reason"], at
        )
    except Invalid as error:
        form.blame(error)
        return _asked(request, form)
    messages.success(request, f"{made.target.value} is banned on every host and behind every guard.")
    return HttpResponseRedirect(PAGE)


@require_POST
@needs(Verb.BAN_WRITE)
def remove(request: Request) -> HttpResponse:
    """Unban, and allow where that is asked for, too."""
    value, at = str(request.POST.get("value", ""))[:60], now()
    try:
        service.unban(request.actor, value, str(request.POST.get("reason", "")), at)
        said = f"{value} is banned no longer; lines from before ban it no more."
        if request.POST.get("allow"):
            net, _ = service.allow(request.actor, value, str(request.POST.get("reason", "")), at)
            said = f"{net} is unbanned, and is never banned again."
        elif (held := service.around(value, at)) is not None:
            said += f" {held.target.value} around it is banned still."
        messages.success(request, said)
    except Invalid as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(back(request))


def _page(request: Request, form: BanForm) -> HttpResponse:
    at = now()
    rule, place = (request.GET.get(name, "")[:80] for name in ("rule", "place"))
    label, seconds = RANGES.get(request.GET.get("range", ""), RANGES["24h"])
    found = service.attackers(at, seconds, rule=rule, place=place)
    people, standing = service.people_banned(), _standing(request, at)
    title, text, tone = service.sentence(found, at, label)
    context = {
        "title": title, "text": text, "tone": tone, "tab": "bans", "rows": [_row(one) for one in found[:SHOWN]],
        "left": max(0, len(found) - SHOWN), "real": [_real(value, who) for value, who in people.items()], "standing": standing,
        "total": service.count(at), "form": form, "may_write": may(request.actor, Verb.BAN_WRITE).allowed,
        "rule": rule, "place": place, "range": request.GET.get("range", "24h"), "label": label, "ranges": list(RANGES),
        "rules": [one.rule for one in service.tallies(at, seconds)][:12],
    }  # fmt: skip
    return render(request, "intrusions/bans.html", context)


def _asked(request: Request, form: BanForm, wide: str = "") -> HttpResponse:
    status = 422 if form.is_bound and not wide else 200
    return render(request, "intrusions/ban.html", {"form": form, "wide": wide, "tab": "bans"}, status=status)


def _standing(request: Request, at: float) -> Page[Standing]:
    told = service.people_banned()
    began, _, value = request.GET.get("cursor", "")[:120].partition(" ")
    after = (float(began), value) if began.replace(".", "", 1).isdigit() else None
    found = service.standing(at, after, STANDING)
    more = f"{found[-1].at!r} {found[-1].target.value}" if len(found) == STANDING else None
    rows = [
        Standing(one, signal.address_link(one.target.value), told.get(one.target.value, "")) for one in found
    ]
    return Page(rows, more)


def _real(value: str, who: str) -> tuple[str, str, str]:
    return value, who, signal.address_link(value)


def _row(one: Attacker) -> Row:
    if one.ban is not None:
        tone, word = "off", "Banned"
    elif one.simulated:
        tone, word = "warn", "Simulated"
    else:
        tone, word = _TONES.get(one.severity, "warn"), "Not banned"
    whom = service.several([*one.places])
    return Row(one, signal.address_link(one.value), tone, word, whom, service.whereabouts_of(one.value))
