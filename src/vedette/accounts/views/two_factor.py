"""The page of one's own second factor: authenticator, passkeys and recovery codes."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts import members, passkeys, second_factor
from vedette.accounts.adapter import address_of, passkey_offer
from vedette.accounts.forms import CheckedForm, TotpForm
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Role, Verb, needs
from vedette.accounts.views.common import back, person
from vedette.plumbing.ports import ports

_PAGE = "/settings/two-factor/"
SHOW_CODES = "vedette.show-codes"
_QR = '<svg class="qr" role="img" aria-label="QR code with the same secret as beside it" '


@require_safe
@needs(Verb.ACCOUNT_OWN)
def page(request: Request) -> HttpResponse:
    """Show what is set up; fresh recovery codes are shown once."""
    return show(request)


@require_POST
@needs(Verb.ACCOUNT_OWN)
def begin(request: Request) -> HttpResponse:
    """Begin to set up an authenticator, with the password."""
    form = checked(request)
    if not form.is_valid():
        return show(request, begin=form)
    second_factor.begin_totp(request.actor.id)
    return back(_PAGE)


@require_POST
@needs(Verb.ACCOUNT_OWN)
def confirm(request: Request) -> HttpResponse:
    """Finish it with the first code of the app."""
    form = TotpForm(request.POST)
    if form.is_valid():
        if second_factor.confirm_totp(request.actor.id, form.cleaned_data["code"], ports().clock.now()):
            request.session[SHOW_CODES] = True
            messages.success(request, "The authenticator is set up. Keep the recovery codes now.")
            return back(_PAGE)
        form.add_error("code", "The code is not right; check the clock of the phone and take the next one.")
    return show(request, confirm=form)


@require_POST
@needs(Verb.ACCOUNT_OWN)
def cancel(request: Request) -> HttpResponse:
    """Forget what was begun."""
    second_factor.cancel_totp(request.actor.id)
    return back(_PAGE)


@require_POST
@needs(Verb.ACCOUNT_OWN)
def codes(request: Request) -> HttpResponse:
    """Make fresh recovery codes, with the password."""
    form = checked(request)
    if not form.is_valid():
        return show(request, codes=form)
    if second_factor.second_factor(request.actor.id).any:
        second_factor.renew_codes(request.actor, ports().clock.now())
        request.session[SHOW_CODES] = True
        messages.success(request, "These are your new recovery codes; the old ones work no more.")
    return back(_PAGE)


@require_POST
@needs(Verb.ACCOUNT_OWN)
def remove(request: Request) -> HttpResponse:
    """Remove the authenticator, with the password."""
    form = checked(request)
    if not form.is_valid():
        return show(request, remove=form)
    second_factor.remove_totp(request.actor, ports().clock.now())
    messages.success(request, _removed(second_factor.second_factor(request.actor.id).any))
    return back(_PAGE)


def _removed(has_other: bool) -> str:
    rest = "a passkey is the second factor now" if has_other else "the password alone signs in now"
    return f"The authenticator is removed; {rest}."


def checked(request: Request) -> CheckedForm:
    """Return the form that asks for the present password, filled in."""
    return CheckedForm(request.POST, user=person(request), address=address_of(request))


def show(request: Request, **bound: Form) -> HttpResponse:
    """Return the page, with the forms that were not right; status 422 then."""
    user, actor = person(request), request.actor
    has = second_factor.second_factor(actor.id)
    setting_up = second_factor.setting_up(actor.id)
    totp = second_factor.begin_totp(actor.id) if setting_up else None
    duty = members.second_factor_duty(Role(user.role), has.any, user.privileged_at, ports().clock.now())
    fresh = {
        name: CheckedForm(user=user, address="", auto_id=f"id_{name}_%s")
        for name in ("begin", "codes", "remove", "passkey")
    }
    shown = {
        "has": has,
        "totp": totp,
        "qr": mark_safe(totp.svg.replace("<svg ", _QR, 1)) if totp else "",  # noqa: S308 - drawn from a text of ours
        "duty": duty,
        "must": actor.role in members.PRIVILEGED and not has.passkeys,
        "passkeys": passkeys.passkeys(actor.id),
        "offer": passkey_offer(request),
        "fresh_codes": second_factor.recovery_codes(actor.id)
        if request.session.pop(SHOW_CODES, False)
        else (),
        "forms": {**fresh, "confirm": TotpForm(), **bound},
    }
    return render(request, "accounts/two_factor.html", shown, status=422 if bound else 200)
