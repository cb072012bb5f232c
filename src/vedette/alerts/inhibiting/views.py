"""Inhibitions by hand: add, change and remove one, with the alerts it would mute now. They are saved with the routes."""

from collections.abc import Mapping

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.alerts import builtin, recounting
from vedette.alerts import inhibition as inhibitions
from vedette.alerts.inhibiting import forms
from vedette.alerts.inhibiting.forms import InhibitionForm
from vedette.alerts.inhibition import Inhibition
from vedette.alerts.routes import saving
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.plumbing.ports import ports

PAGE = "/alerts/routes/"
_HAND = "hand"
_SHOWN = 5


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_WRITE)
def new_inhibition(request: Request) -> HttpResponse:
    """Add an inhibition after those that are there."""
    return _page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_WRITE)
def inhibition(request: Request, place: int) -> HttpResponse:
    """Change an inhibition; `place` is its number in the list, from 0."""
    return _page(request, place)


@require_POST
@needs(Verb.RULE_WRITE)
def delete_inhibition(request: Request, place: int) -> HttpResponse:
    """Delete an inhibition: what it muted is told if it still fires."""
    before, version = _at(place), request.POST.get("version", "")
    there = builtin.table().inhibitions
    rest = (*there[:place], *there[place + 1 :])
    try:
        what = f"deleted: {inhibitions.spoken(before)}"
        _save(request, rest, int(version) if version.isdecimal() else 0, what)
    except (Invalid, Conflict) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The inhibition is deleted; what it muted is told if it still fires.")
    return HttpResponseRedirect(PAGE)


@require_safe
@needs(Verb.RULE_READ)
def count(request: Request) -> HttpResponse:
    """Say which alerts that fire now would be muted: a piece of the form's page."""
    return render(request, "alerts/_muted.html", _meant(request.GET))


def _page(request: Request, place: int | None) -> HttpResponse:
    before = None if place is None else _at(place)
    form = InhibitionForm(builtin.version(), before, _posted(request))
    counting = request.POST.get("act") == "count"
    if form.is_bound and form.is_valid() and not counting:
        try:
            _keep(request, form, place)
        except Invalid as error:
            _blame(form, error)
        except Conflict as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The inhibition is in force.")
            return HttpResponseRedirect(PAGE)
    context = {
        "form": form,
        "before": before,
        "action": f"/alerts/inhibitions/{place}/delete/",
        "version": str(builtin.version()),
        "tab": "routes",
        **_meant({name: str(form[name].value() or "") for name in ("source", "target", "equal")}),
    }
    bad = form.is_bound and not counting
    return render(request, "alerts/inhibition.html", context, status=422 if bad else 200)


def _keep(request: Request, form: InhibitionForm, place: int | None) -> None:
    made, there = form.inhibition(), builtin.table().inhibitions
    changed = (*there, made) if place is None else (*there[:place], made, *there[place + 1 :])
    what = f"{'added' if place is None else 'changed'}: {inhibitions.spoken(made)}"
    _save(request, changed, form.cleaned_data["version"], what)


def _save(request: Request, made: tuple[Inhibition, ...], version: int, what: str) -> None:
    table = msgspec.structs.replace(builtin.table(), inhibitions=made, source=_HAND)
    saving.save(request.actor, table, version, ports().clock.now(), what)


def _blame(form: InhibitionForm, error: Invalid) -> None:
    for name, text in error.fields.items():
        form.add_error(name if name in form.fields else None, text)


def _at(place: int) -> Inhibition:
    found = builtin.table().inhibitions
    if place >= len(found):
        raise NotFound("There is no such inhibition; the routes may have changed meanwhile.")
    return found[place]


def _meant(given: Mapping[str, str]) -> dict[str, object]:
    """Return how many alerts that fire a rule would mute, the first of them, or what is wrong with it."""
    source, target, equal = (given.get(name, "") for name in ("source", "target", "equal"))
    if not source.strip() or not target.strip():
        return {"muted": (), "n": 0, "wrong": "", "asked": False}
    try:
        found = recounting.would_mute(forms.rule(source, target, equal))
    except Invalid as error:
        return {"muted": (), "n": 0, "wrong": str(error), "asked": True}
    return {"muted": found[:_SHOWN], "n": len(found), "wrong": "", "asked": True}


def _posted(request: Request) -> Mapping[str, object] | None:
    return request.POST if request.method == "POST" else None
