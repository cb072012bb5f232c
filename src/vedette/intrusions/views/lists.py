"""The pages of who is never banned, and of lists of others."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs, require
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.intrusions import service
from vedette.intrusions.forms import AllowForm, ListForm
from vedette.intrusions.types import Blocklist
from vedette.intrusions.views.common import PAGE, now, posted

ALLOWED, LISTS = f"{PAGE}allowed/", f"{PAGE}lists/"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.BAN_READ)
def allowed(request: Request) -> HttpResponse:
    """Show who is never banned, and add to it."""
    form = AllowForm(posted(request))
    if form.is_bound:
        require(request.actor, Verb.BAN_WRITE)
        if form.is_valid():
            try:
                net, lifted = service.allow(
                    request.actor, form.cleaned_data["value"], form.cleaned_data["note"], now()
                )
            except Invalid as error:
                form.blame(error)
            else:
                messages.success(
                    request,
                    f"{net} is never banned."
                    + (f" The bans of {service.several(lifted)} are lifted." if lifted else ""),
                )
                return HttpResponseRedirect(ALLOWED)
    found = service.allowed()
    context = {
        "rows": found, "never": sorted(service.never_banned(now()).items()), "form": form, "tab": "allowed",
        "may_write": may(request.actor, Verb.BAN_WRITE).allowed, "title": _welcome(len(found)),
    }  # fmt: skip
    return render(request, "intrusions/allowed.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Verb.BAN_WRITE)
def disallow(request: Request) -> HttpResponse:
    """Take a network off the allowlist."""
    try:
        net = service.disallow(request.actor, str(request.POST.get("value", ""))[:60], now())
        messages.success(request, f"{net} may be banned again.")
    except (Invalid, NotFound) as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(ALLOWED)


@require_safe
@needs(Verb.BAN_READ)
def lists(request: Request) -> HttpResponse:
    """Show the lists of others."""
    return _lists(request, ListForm())


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.HOST_WRITE)
def add(request: Request) -> HttpResponse:
    """Add a list of others."""
    form = ListForm(posted(request))
    if form.is_bound and form.is_valid() and _added(request, form):
        return HttpResponseRedirect(LISTS)
    return _lists(request, form)


def _lists(request: Request, form: ListForm) -> HttpResponse:
    found = service.blocklists_of()
    title, tone = _sentence(found)
    context = {
        "rows": found, "form": form, "tab": "lists", "title": title, "tone": tone,
        "may_write": may(request.actor, Verb.HOST_WRITE).allowed,
    }  # fmt: skip
    return render(request, "intrusions/lists.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Verb.HOST_WRITE)
def remove(request: Request) -> HttpResponse:
    """Remove a list; what only it named is banned no longer."""
    name = str(request.POST.get("name", ""))[:40]
    try:
        service.remove_list(request.actor, name, now())
        messages.success(request, f"{name} is removed; what only it named is banned no longer.")
    except NotFound as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(LISTS)


def _added(request: Request, form: ListForm) -> bool:
    given = form.cleaned_data
    try:
        service.add_list(request.actor, given["name"], given["source"], given["every"], given["lasts"], now())
    except Invalid as error:
        form.blame(error)
        return False
    except Conflict as error:
        form.add_error("name", str(error))
        return False
    messages.success(request, f"{given['name']} is read within half a minute.")
    return True


def _welcome(n: int) -> str:
    return (
        "1 network is never banned."
        if n == 1
        else f"{n} networks are never banned."
        if n
        else "Nobody is allowed by name."
    )


def _sentence(found: tuple[Blocklist, ...]) -> tuple[str, str]:
    failing = [one.name for one in found if one.problem]
    if failing:
        return (
            f"{failing[0]} cannot be read." if len(failing) == 1 else f"{len(failing)} lists cannot be read."
        ), "warn"
    named = sum(one.entries for one in found)
    if found and not any(one.read_at for one in found):
        return "Nothing was read yet.", "off"
    return (
        (
            f"{len(found)} {'list names' if len(found) == 1 else 'lists name'} {named:,} addresses and networks.",
            "ok",
        )
        if found
        else ("No list of others is read.", "off")
    )
