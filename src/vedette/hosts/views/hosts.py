"""The pages of hosts: which there are, worst first; one of them; and letting one in, whose token is shown once."""

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Invalid
from vedette.hosts import gauges, portraying, service
from vedette.hosts.types import DAY, Invitation, Standing
from vedette.plumbing.ports import ports
from vedette.wire.finding import FindingState

PAGE = "/hosts/"
_WORDS = {"crit": "Trouble", "warn": "Look at it", "ok": "Fine", "off": "Nothing known"}
_SHOWN = 50


class Row(msgspec.Struct, frozen=True):
    """A host in the list: how it fares, in a word, and its last values (percent)."""

    one: Standing
    word: str
    values: tuple[tuple[str, float | None], ...]


@require_safe
@needs(Verb.HOST_READ)
def hosts(request: Request) -> HttpResponse:
    """List the hosts, worst first."""
    return _page(request)


@require_POST
@needs(Verb.HOST_WRITE)
def token(request: Request) -> HttpResponse:
    """Make a token that lets a host in; it is in this answer and never again."""
    made, _ = service.invite(request.actor, _now())
    return _page(request, made)


@require_POST
@needs(Verb.HOST_WRITE)
def withdraw(request: Request, key: str) -> HttpResponse:
    """Revoke a token that was not used yet."""
    service.withdraw(request.actor, key, _now())
    messages.success(request, "The token is revoked: it lets nobody in.")
    return HttpResponseRedirect(PAGE)


@require_safe
@needs(Verb.HOST_READ)
def host(request: Request, key: int) -> HttpResponse:
    """Answer: how does this host fare, what happened on it, and what used it?"""
    at, found = _now(), service.find(str(key))
    span = portraying.span_of(request.GET.get("range", ""))
    noted = service.noted(found, at - max(span.seconds, 30 * DAY), at + 1, 500)
    audit, moment = service.audit(found), _moment(request, at)
    failed = [one for one in audit.findings if one.state is FindingState.FAILED] if audit else []
    context = {
        "row": _row(service.of(found, at)), "host": found, "span": span, "spans": portraying.SPANS,
        "picture": portraying.picture(found, span, noted, at), "noted": noted[:_SHOWN], "forecasts": service.forecasts(found, at),
        "inventory": service.inventory(found), "audit": audit, "failed": sorted(failed, key=lambda one: -one.risk)[:_SHOWN],
        "scores": [score for _, score, _ in service.scores(found)], "moment": moment, "running": service.processes(found, moment),
        "may_write": may(request.actor, Verb.HOST_WRITE).allowed,
    }  # fmt: skip
    return render(request, "hosts/host.html", context)


@require_POST
@needs(Verb.HOST_WRITE)
def rotate(request: Request, key: int) -> HttpResponse:
    """Have a host make a new key."""
    found = service.find(str(key))
    service.rotate(request.actor, found, _now())
    messages.success(request, f"{found.name} makes a new key as soon as it hears of it.")
    return HttpResponseRedirect(f"{PAGE}{key}/")


@require_POST
@needs(Verb.HOST_WRITE)
def revoke(request: Request, key: int) -> HttpResponse:
    """Let a host say and read nothing any more, at once."""
    found = service.find(str(key))
    service.revoke(request.actor, found, _now())
    messages.success(request, f"{found.name} is revoked: it may say nothing any more.")
    return HttpResponseRedirect(f"{PAGE}{key}/")


@require_POST
@needs(Verb.HOST_WRITE)
def remove(request: Request, key: int) -> HttpResponse:
    """Remove a host with all that is known of it; its name is typed first."""
    found = service.find(str(key))
    if request.POST.get("confirm", "").strip() != found.name:
        raise Invalid(f"To remove it, type {found.name}.", {"confirm": "another name"})
    service.remove(request.actor, found, _now())
    messages.success(request, f"{found.name} is removed.")
    return HttpResponseRedirect(PAGE)


def _page(request: Request, made: str = "") -> HttpResponse:
    at, may_write = _now(), may(request.actor, Verb.HOST_WRITE).allowed
    rows = [_row(one) for one in service.overview(at)]
    title, tone = _sentence(rows)
    context = {
        "rows": rows, "title": title, "tone": tone, "may_write": may_write,
        "command": f"vedette agent enroll {ports().settings.public_url} {made}" if made else "",
        "waiting": [one for one in service.invitations() if _waits(one, at)] if may_write else [],
    }  # fmt: skip
    return render(request, "hosts/hosts.html", context)


def _row(one: Standing) -> Row:
    shown = (("CPU", "hosts.cpu"), ("Memory", "hosts.memory"), ("Fullest disk", "hosts.disk"))
    return Row(one, _WORDS[one.tone], tuple((word, gauges.value(one.values, name)) for word, name in shown))


def _waits(one: Invitation, at: float) -> bool:
    return one.used_at is None and one.revoked_at is None and one.expires_at > at


def _sentence(rows: list[Row]) -> tuple[str, str]:
    """Return what the page says first, and in which tone."""
    if not rows:
        return "No host is watched yet.", "off"
    worst = rows[0].one
    if worst.tone == "crit":
        return f"{worst.host.name}: {worst.sentence}", "crit"
    if worst.tone == "warn":
        some = sum(row.one.tone == "warn" for row in rows)
        if some > 1:
            return f"{some} hosts want a look.", "warn"
        return f"{worst.host.name}: {worst.sentence}", "warn"
    fine = sum(row.one.tone == "ok" for row in rows)
    if not fine:
        return "No host is heard of.", "off"
    said = "The host is fine" if fine == 1 else f"All {fine} hosts are fine"
    waits = sum(row.one.facts.security for row in rows)
    return (
        f"{said}, but {waits:,} security {'update waits' if waits == 1 else 'updates wait'}."
        if waits
        else f"{said}."
    ), "ok"


def _moment(request: Request, at: float) -> float:
    """Return the instant whose processes are shown: what was asked for, or now."""
    asked = request.GET.get("at", "")
    return min(at, float(asked)) if asked.isdecimal() and len(asked) < 12 else at


def _now() -> float:
    return ports().clock.now()
