"""The page of one's own account: name, e-mail, password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts import people
from vedette.accounts.adapter import address_of
from vedette.accounts.forms import EmailForm, PasswordForm, PersonForm
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.accounts.views.common import back, errors_into, person, tell
from vedette.core.errors import Conflict
from vedette.plumbing.ports import ports

_PAGE = "/settings/account/"


@require_safe
@needs(Verb.ACCOUNT_OWN)
def page(request: Request) -> HttpResponse:
    """Show one's own account."""
    return _page(request)


@require_POST
@needs(Verb.ACCOUNT_OWN)
def name(request: Request) -> HttpResponse:
    """Change the name."""
    form = PersonForm(request.POST)
    if form.is_valid():
        with errors_into(form):
            people.rename(request.actor, form.cleaned_data["name"], _now())
            messages.success(request, "Saved.")
            return back(_PAGE, "h-name")
    return _page(request, name=form)


@require_POST
@needs(Verb.ACCOUNT_OWN)
def email(request: Request) -> HttpResponse:
    """Change the e-mail, with the password; the old address is told."""
    user = person(request)
    form = EmailForm(request.POST, user=user, address=address_of(request))
    if form.is_valid():
        try:
            with errors_into(form):
                people.change_email(request.actor, form.cleaned_data["email"], _now())
                tell(user.email, f"The e-mail address of your account is now {form.cleaned_data['email']}.")
                messages.success(request, "Sign in with the new address from now on.")
                return back(_PAGE, "h-email")
        except Conflict as error:
            form.add_error("email", str(error))
    return _page(request, email=form)


@require_POST
@needs(Verb.ACCOUNT_OWN)
def password(request: Request) -> HttpResponse:
    """Change the password; every other session ends, this one gets a fresh key."""
    user = person(request)
    form = PasswordForm(request.POST, user=user, address=address_of(request))
    if form.is_valid():
        try_form = form.cleaned_data["new"]
        with errors_into(form):
            _change_password(request, try_form)
            update_session_auth_hash(request, person(request))
            tell(user.email, "The password of your account was changed.")
            messages.success(request, "The password is changed; every other session has ended.")
            return back(_PAGE, "h-password")
    return _page(request, password=form)


def _change_password(request: Request, new: str) -> None:
    people.change_password(request.actor, new, _now(), keep_session=request.session_id)


def _page(request: Request, **bound: Form) -> HttpResponse:
    user, address = person(request), address_of(request)
    forms: dict[str, Form] = {
        "name": PersonForm(initial={"name": user.name}),
        "email": EmailForm(user=user, address=address, auto_id="id_email_%s"),
        "password": PasswordForm(user=user, address=address),
        **bound,
    }
    status = 422 if bound else 200
    return render(request, "accounts/account.html", {"forms": forms, "person": user}, status=status)


def _now() -> float:
    return ports().clock.now()
