"""Signing in with a passkey alone, from the sign-in page."""

from allauth.account.models import Login
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from vedette.accounts import passkeys
from vedette.accounts.adapter import address_of, passkey_offer
from vedette.accounts.forms import PasskeySignInForm, SignInForm
from vedette.accounts.views.entrance import kept
from vedette.core.errors import Conflict
from vedette.plumbing.ports import ports


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Answer the challenge a passkey is to sign, as JSON; the page's script asks for it. Counts as a try."""
    offer = passkey_offer(request)
    if not offer.available:
        raise Conflict(offer.reason)
    options = passkeys.begin_passkey_sign_in(address_of(request), ports().clock.now())
    return HttpResponse(options, content_type="application/json")


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in whoever's passkey signed the challenge; anything else gets the sign-in page and why."""
    if request.method != "POST" or request.user.is_authenticated:
        return HttpResponseRedirect("/sign-in/")
    form, shown = PasskeySignInForm(request.POST), kept(request)
    if not form.is_valid():
        why = " ".join(str(text) for text in form.errors.get("credential", ()))
        fresh = {"form": SignInForm(), "problem": why, **shown}
        return render(request, "account/login.html", fresh, status=422)
    owner = form.used.user  # type: ignore[attr-defined]  # allauth has no types
    passkeys.passkey_signed_in(owner.email, address_of(request), ports().clock.now())
    login = Login(user=owner, redirect_url=shown["next"] or None)
    answer: HttpResponse = perform_passwordless_login(request, form.used, login)
    return answer
