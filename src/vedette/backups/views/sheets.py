"""The recovery sheet of a copy: all that restores it without Vedette, shown to who proves to be it; and a new password for it."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.backups import service
from vedette.backups.types import Sheet
from vedette.backups.views import common
from vedette.backups.views.asking import ProofForm
from vedette.core.errors import Conflict, Invalid
from vedette.instruments.backup.sheet import Recovery, as_html
from vedette.instruments.backup.types import Secret


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.BACKUP_SHEET)
def sheet(request: Request, number: int, name: str) -> HttpResponse:
    """Ask for the password of who is there, then show the sheet; the audit log says who saw it."""
    known = service.holding(number, name)
    left = {(one.plan, one.copy.name): one for one in service.left()}.get((number, name))
    form = ProofForm(request.POST if request.method == "POST" else None)
    context = {
        "known": known,
        "copy": name,
        "form": form,
        "href": common.PAGE if left else f"{common.href_of(number)}copies/{name}/",
        "left": left,
        "host": left.host_name if left else common.host_name(common.host_names(), known.host),
    }
    if form.is_bound and form.is_valid():
        try:
            accounts.prove(
                request.actor, form.cleaned_data["current"], accounts.caller_address(), common.now()
            )
        except Invalid as error:
            form.add_error("current", str(error))
        else:
            return _shown(request, service.sheet(request.actor, number, name, common.now()), context)
    return render(request, "backups/sheet_ask.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Verb.BACKUP_WRITE)
def give(request: Request, number: int, name: str) -> HttpResponse:
    """Take a secret that a copy needs, or the password of a repository that exists; it is sealed and never shown here again."""
    secret, value = request.POST.get("name", "")[:60], request.POST.get("value", "")
    try:
        service.set_secret(request.actor, number, name, secret, value, common.now())
        messages.success(request, f"The {secret.replace('_', ' ')} is sealed, and told to the host.")
    except Invalid as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(f"{common.href_of(number)}copies/{name}/")


@require_POST
@needs(Verb.BACKUP_WRITE)
def forget(request: Request, number: int, name: str) -> HttpResponse:
    """Forget what opens a copy that no plan keeps any more, whose `plan/copy` is typed first."""
    service.forget(request.actor, number, name, request.POST.get("confirm", ""), common.now())
    messages.success(request, "Its passwords are forgotten; only a sheet that was printed opens it now.")
    return HttpResponseRedirect(common.PAGE)


@require_POST
@needs(Verb.BACKUP_WRITE)
def rekey(request: Request, number: int, name: str) -> HttpResponse:
    """Make a new password for a copy; its host changes the repository's, and the sheet is printed anew then."""
    try:
        service.rekey(request.actor, number, name, common.now())
        messages.success(
            request,
            "The host changes the password as soon as it hears of it. Print the recovery sheet anew then: the old one opens it no more.",
        )
    except (Conflict, Invalid) as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(f"{common.href_of(number)}copies/{name}/")


def _shown(request: Request, found: Sheet, context: dict[str, object]) -> HttpResponse:
    whole = Recovery(
        plan=found.plan, host=found.host, copy=found.copy, engine=found.engine, at=found.at, password=Secret(found.words),
        commands=found.commands, made_at=common.now(), secrets={name: Secret(value) for name, value in found.secrets.items()},
    )  # fmt: skip
    shown = {
        **context, "sheet": found, "may_write": may(request.actor, Verb.BACKUP_WRITE).allowed,
        "recovery": mark_safe(as_html(whole)),  # noqa: S308 - it escapes what it writes
    }  # fmt: skip
    return render(request, "backups/sheet.html", shown)
