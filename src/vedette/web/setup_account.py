"""The first steps of the set-up: the administrator and the second factor, behind a link that works once."""

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role, Verb, needs, open_to_all
from vedette.accounts.types import UserRef
from vedette.accounts.urls import sign_in
from vedette.core.errors import Conflict, Invalid
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports
from vedette.web.setup import actor_of, way
from vedette.web.setup_forms import AdministratorForm, CodeForm, blame


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the administrator; the link's token is used up in the transaction that makes the account."""
    if not accounts.check_setup_token(token, ports().clock.now()):
        return _gone(request)
    form = AdministratorForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = _create(token, form)
        if made:
            sign_in(request, made.id)
            return HttpResponseRedirect("/setup/two-factor/")
    return render(
        request, "web/setup/account.html", {"form": form, "way": way(0)}, status=422 if form.errors else 200
    )


def _create(token: str, form: AdministratorForm) -> UserRef | None:
    """Return the new owner, or None when the service refused; the form then says why."""
    name, email, password = (str(form.cleaned_data[field]) for field in ("name", "email", "password"))
    now = ports().clock.now()
    try:
        with transaction():
            accounts.consume_setup_token(token, now)
            return accounts.create_user(SYSTEM, name, email, password, Role.OWNER, now)
    except Invalid as error:
        blame(form, error.fields, str(error))
    except Conflict as error:
        form.add_error("email", str(error))
    return None


def _gone(request: HttpRequest) -> HttpResponse:
    """Say that a link is of no use, and what to do instead."""
    done = accounts.has_admin()
    context = {
        "has_admin": done,
        "heading": "Vedette is set up already" if done else "This link does not work any more",
        "detail": "The set-up link worked once and is used up. Sign in, or ask an administrator for an invitation."
        if done
        else "It is used up, older than 24 hours, or not complete. Vedette prints a new one whenever it starts.",
        "command": "" if done else "vedette up",
    }
    return render(request, "web/setup/gone.html", context, status=410)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.ACCOUNT_OWN)
def two_factor(request: HttpRequest) -> HttpResponse:
    """Enrol an authenticator, and show the recovery codes once."""
    me = actor_of(request).id
    if accounts.second_factor(me).any:
        return HttpResponseRedirect("/setup/project/")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if accounts.confirm_totp(me, str(form.cleaned_data["code"]), ports().clock.now()):
            context = {"codes": accounts.recovery_codes(me), "way": way(2)}
            return render(request, "web/setup/recovery.html", context)
        form.add_error(
            "code", "This code is not right. Codes change every 30 s; also check the phone's clock."
        )
    return _enrol(request, me, form)


def _enrol(request: HttpRequest, me: int, form: CodeForm) -> HttpResponse:
    begun = accounts.begin_totp(me)
    version = hashlib.sha256(begun.uri.encode()).hexdigest()[:8]
    context = {"form": form, "secret": begun.secret, "version": version, "way": way(1)}
    return render(request, "web/setup/two_factor.html", context, status=422 if form.errors else 200)


@require_safe
@needs(Verb.ACCOUNT_OWN)
def qr(request: HttpRequest) -> HttpResponse:
    """Draw the seed that is being enrolled as a QR code, for its owner alone."""
    begun = accounts.begin_totp(actor_of(request).id)
    return HttpResponse(
        begun.svg, content_type="image/svg+xml", headers={"Cache-Control": "no-store, private"}
    )
