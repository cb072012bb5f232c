"""The pages of one's own passkeys: make one, name it, remove it."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from vedette_guard.decisions.browsers import family

from vedette.accounts import passkeys
from vedette.accounts.adapter import passkey_offer
from vedette.accounts.forms import CheckedForm, PasskeyForm, PasskeyNameForm
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.accounts.views import two_factor
from vedette.accounts.views.common import back, errors_into, person, tell
from vedette.core.errors import Conflict
from vedette.plumbing.ports import ports

_PAGE = "/settings/two-factor/"
_PLACE = "h-passkeys"
_PROVED = "vedette.passkey-until"
_MINUTES = 5


@require_POST
@needs(Verb.ACCOUNT_OWN)
def begin(request: Request) -> HttpResponse:
    """Ask for the password before a passkey is made; it counts for five minutes."""
    offer = passkey_offer(request)
    if not offer.available:
        raise Conflict(offer.reason)
    form = two_factor.checked(request)
    if not form.is_valid():
        return two_factor.show(request, passkey=form)
    request.session[_PROVED] = ports().clock.now() + _MINUTES * 60
    return back(f"{_PAGE}passkeys/new/")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.ACCOUNT_OWN)
def new(request: Request) -> HttpResponse:
    """Have the browser make a passkey, and take it."""
    if float(request.session.get(_PROVED, 0.0)) < ports().clock.now():
        return back(_PAGE, _PLACE)
    form = PasskeyForm(request.POST) if request.method == "POST" else _fresh(request)
    if form.is_valid():
        with errors_into(form):
            return _made(request, form.cleaned_data["name"], form.cleaned_data["credential"])
    shown = {"form": form, "options": passkeys.begin_passkey(request.actor)}
    return render(request, "accounts/passkey_new.html", shown, status=422 if form.errors else 200)


def _fresh(request: Request) -> PasskeyForm:
    return PasskeyForm(initial={"name": family(request.META.get("HTTP_USER_AGENT", ""))})


def _made(request: Request, name: str, answer: str) -> HttpResponse:
    fresh = passkeys.add_passkey(request.actor, name, answer, ports().clock.now())
    del request.session[_PROVED]
    if fresh:
        request.session[two_factor.SHOW_CODES] = True
    tell(person(request).email, f"The passkey “{passkeys.named(name)}” was added to your account.")
    messages.success(request, "The passkey is added; it signs you in from now on.")
    return back(_PAGE, _PLACE)


@require_safe
@needs(Verb.ACCOUNT_OWN)
def page(request: Request, passkey_id: int) -> HttpResponse:
    """Show one passkey."""
    return _page(request, passkey_id)


@require_POST
@needs(Verb.ACCOUNT_OWN)
def rename(request: Request, passkey_id: int) -> HttpResponse:
    """Give it another name."""
    form = PasskeyNameForm(request.POST)
    if form.is_valid():
        passkeys.rename_passkey(request.actor, passkey_id, form.cleaned_data["name"], ports().clock.now())
        messages.success(request, "Saved.")
        return back(_PAGE, _PLACE)
    return _page(request, passkey_id, name=form)


@require_POST
@needs(Verb.ACCOUNT_OWN)
def remove(request: Request, passkey_id: int) -> HttpResponse:
    """Remove it, with the password."""
    form = two_factor.checked(request)
    if not form.is_valid():
        return _page(request, passkey_id, remove=form)
    name = passkeys.passkey(request.actor.id, passkey_id).name
    passkeys.remove_passkey(request.actor, passkey_id, ports().clock.now())
    tell(person(request).email, f"The passkey “{name}” was removed from your account.")
    messages.success(request, "The passkey is removed; it signs nobody in any more.")
    return back(_PAGE, _PLACE)


def _page(request: Request, passkey_id: int, **bound: Form) -> HttpResponse:
    found = passkeys.passkey(request.actor.id, passkey_id)
    forms: dict[str, Form] = {
        "name": PasskeyNameForm(initial={"name": found.name}),
        "remove": CheckedForm(user=person(request), address=""),
        **bound,
    }
    shown = {"passkey": found, "forms": forms, "must": passkeys.is_last_duty(request.actor)}
    return render(request, "accounts/passkey.html", shown, status=422 if bound else 200)
