"""The pages of routes: the tree, where labels would go, and routes and receivers changed by hand."""

from collections.abc import Callable, Mapping

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.alerts import builtin, governing, inhibition, verdict
from vedette.alerts.routes import drawing, editing, forms, saving
from vedette.alerts.routes.forms import ReceiverForm, RouteForm
from vedette.alerts.routing import DEFAULT_RECEIVER, Route
from vedette.alerts.types import Receiver, Routing
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.notify import service as notify
from vedette.oncall import service as oncall
from vedette.plumbing.ports import ports

PAGE = "/alerts/routes/"
_HAND = "hand"


@require_safe
@needs(Verb.RULE_READ)
def routes(request: Request) -> HttpResponse:
    """Show the tree with receivers and inhibitions; with `labels`, where an alert of these would go and why."""
    table, text = builtin.table(), request.GET.get("labels", "")
    tried, wrong = _tried(text)
    context = {
        "verdict": verdict.of_routing(table),
        "branches": drawing.branches(table.tree, tried),
        "receivers": table.receivers,
        "inhibitions": [inhibition.spoken(each) for each in table.inhibitions],
        "labels": text,
        "wrong": wrong,
        "goes": drawing.sentence(table.tree, tried) if tried is not None else "",
        "version": builtin.version(),
        "may_write": may(request.actor, Verb.RULE_WRITE).allowed and table.source in governing.NOT_FILES,
        "file": "" if table.source in governing.NOT_FILES else table.source,
        "tab": "routes",
    }
    return render(request, "alerts/routes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_WRITE)
def new_route(request: Request) -> HttpResponse:
    """Add a route under the one that `under` names, after those that are there."""
    under = editing.place(request.GET.get("under", editing.ROOT))
    editing.route(builtin.table().tree, under)
    return _route(request, None, lambda tree, made: editing.added(tree, under, made))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_WRITE)
def route(request: Request, place: str) -> HttpResponse:
    """Change a route."""
    at = editing.place(place)
    before = editing.route(builtin.table().tree, at)
    return _route(request, before, lambda tree, made: editing.changed(tree, at, made), place)


@require_POST
@needs(Verb.RULE_WRITE)
def move_route(request: Request, place: str) -> HttpResponse:
    """Move a route before the one above it, or after the one below; the first that matches takes an alert."""
    by = -1 if request.POST.get("to") == "up" else 1
    return _edit(request, lambda tree: editing.moved(tree, editing.place(place), by), "The order is changed.")


@require_POST
@needs(Verb.RULE_WRITE)
def delete_route(request: Request, place: str) -> HttpResponse:
    """Delete a route and those below it."""
    return _edit(request, lambda tree: editing.removed(tree, editing.place(place)), "The route is deleted.")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_WRITE)
def new_receiver(request: Request) -> HttpResponse:
    """Add a receiver."""
    return _receiver(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_WRITE)
def receiver(request: Request, place: int) -> HttpResponse:
    """Change a receiver; routes that name it follow when it is called otherwise."""
    return _receiver(request, place)


@require_POST
@needs(Verb.RULE_WRITE)
def delete_receiver(request: Request, place: int) -> HttpResponse:
    """Delete a receiver; refused while a route names it."""
    table, _ = builtin.table(), _receiver_at(place)
    rest = (*table.receivers[:place], *table.receivers[place + 1 :])
    return _tell(request, msgspec.structs.replace(table, receivers=rest), "The receiver is deleted.")


def _route(
    request: Request, before: Route | None, change: Callable[[Route, Route], Route], place: str = ""
) -> HttpResponse:
    table = builtin.table()
    names = _receivers(table)
    form = RouteForm(names, builtin.version(), before, _posted(request))
    if form.is_bound and form.is_valid():
        try:
            made = msgspec.structs.replace(table, tree=change(table.tree, form.route()))
            _save(request, made, form.cleaned_data["version"])
        except Invalid as error:
            forms.blame(form, error)
        except Conflict as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The routes are in force; what fires goes by them.")
            return HttpResponseRedirect(PAGE)
    context = {
        "form": form,
        "place": place,
        "root": place == editing.ROOT,
        "action": f"{PAGE}{place}/delete/",
        "version": str(builtin.version()),
        "tab": "routes",
    }
    return render(request, "alerts/route.html", context, status=422 if form.is_bound else 200)


def _receiver(request: Request, place: int | None) -> HttpResponse:
    table, before = builtin.table(), None if place is None else _receiver_at(place)
    people = [(ref.email, ref.name) for ref in accounts.user_refs().values()]
    channels = [channel.name for channel in notify.channels()]
    policies = [policy.name for policy in oncall.policies()]
    form = ReceiverForm(channels, people, builtin.version(), before, _posted(request), policies=policies)
    if form.is_bound and form.is_valid():
        try:
            made = _with_receiver(table, place, form.receiver())
            _save(request, made, form.cleaned_data["version"])
        except Invalid as error:
            forms.blame(form, error)
        except Conflict as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The receiver is saved.")
            return HttpResponseRedirect(PAGE)
    context = {
        "form": form,
        "receiver": before,
        "action": f"/alerts/receivers/{place}/delete/",
        "version": str(builtin.version()),
        "tab": "routes",
    }
    return render(request, "alerts/receiver.html", context, status=422 if form.is_bound else 200)


def _with_receiver(table: Routing, place: int | None, made: Receiver) -> Routing:
    if place is None:
        return msgspec.structs.replace(table, receivers=(*table.receivers, made))
    before = table.receivers[place].name
    receivers = (*table.receivers[:place], made, *table.receivers[place + 1 :])
    tree = editing.renamed(table.tree, before, made.name)
    return msgspec.structs.replace(table, tree=tree, receivers=receivers)


def _receiver_at(place: int) -> Receiver:
    found = builtin.table().receivers
    if place >= len(found):
        raise NotFound("There is no such receiver; the routes may have changed meanwhile.")
    return found[place]


def _edit(request: Request, change: Callable[[Route], Route], done: str) -> HttpResponse:
    table = builtin.table()
    try:
        made = msgspec.structs.replace(table, tree=change(table.tree))
    except Invalid as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(PAGE)
    return _tell(request, made, done)


def _tell(request: Request, made: Routing, done: str) -> HttpResponse:
    version = request.POST.get("version", "")
    try:
        _save(request, made, int(version) if version.isdecimal() else 0)
    except Invalid as error:
        messages.error(request, " ".join(f"{place}: {text}" for place, text in error.fields.items()))
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return HttpResponseRedirect(PAGE)


def _save(request: Request, made: Routing, version: int) -> None:
    saving.save(request.actor, msgspec.structs.replace(made, source=_HAND), version, ports().clock.now())


def _receivers(table: Routing) -> list[str]:
    named = [each.name for each in table.receivers]
    return [DEFAULT_RECEIVER, *named, *(c.name for c in notify.channels() if c.name not in named)]


def _tried(text: str) -> tuple[Mapping[str, str] | None, str]:
    """Return the labels that were typed in, None without any, and what is wrong with them."""
    if not text.strip():
        return None, ""
    try:
        return forms.labels(text), ""
    except Invalid as error:
        return None, str(error)


def _posted(request: Request) -> Mapping[str, object] | None:
    return request.POST if request.method == "POST" else None
