"""Signing in by an OpenID provider: the way there, and the way back."""

import msgspec
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vedette.accounts import single_sign_on
from vedette.accounts.adapter import address_of
from vedette.accounts.forms import SignInForm
from vedette.accounts.models import User
from vedette.accounts.single_sign_on import Begun
from vedette.accounts.views.entrance import kept
from vedette.core.errors import Invalid, Throttled, Unavailable
from vedette.plumbing.ports import ports

_BEGUN = "vedette.oidc"


@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider. (A link, not a form: the policy lets forms lead nowhere else.)"""
    following = str(kept(request)["next"])
    try:
        to, begun = single_sign_on.begin(address_of(request), following, ports().clock.now())
    except (Throttled, Unavailable) as error:
        return _refused(request, str(error), 429 if isinstance(error, Throttled) else 503)
    request.session[_BEGUN] = msgspec.to_builtins(begun)
    return HttpResponseRedirect(to)


@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer, once, and sign in; whatever does not fit gets the sign-in page and why."""
    kept_of_it = request.session.pop(_BEGUN, None)
    begun = msgspec.convert(kept_of_it, Begun) if kept_of_it else None
    if "error" in request.GET:
        return _refused(
            request, "The provider did not sign you in; try again, or sign in with the password.", 422
        )
    state, code = request.GET.get("state", ""), request.GET.get("code", "")
    try:
        user_id = single_sign_on.finish(begun, state, code, address_of(request), ports().clock.now())
    except (Invalid, Unavailable) as error:
        return _refused(request, str(error), 503 if isinstance(error, Unavailable) else 422)
    login = Login(user=User.objects.get(id=user_id), redirect_url=(begun.next if begun else "") or None)
    answer: HttpResponse = perform_login(request, login)
    return answer


def _refused(request: HttpRequest, why: str, status: int) -> HttpResponse:
    shown = {"form": SignInForm(), "problem": why, **kept(request)}
    return render(request, "account/login.html", shown, status=status)
