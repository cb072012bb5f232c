"""The pages of whoever is not signed in: sign-in, code, password reset; and sign-out."""

from allauth.account import views as account
from allauth.account.internal.flows.logout import logout
from allauth.mfa.base import views as mfa
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from vedette.accounts import mailing, second_factor, single_sign_on
from vedette.accounts.adapter import Accounts, passkey_offer
from vedette.accounts.models import User
from vedette.accounts.store import passkeys
from vedette.core.errors import NotFound, Throttled
from vedette.ui import error_pages
from vedette.ui.explain import explain

_BACKEND = "vedette.accounts.adapter.Backend"


def sign_in(request: HttpRequest, user_id: int) -> None:
    """Sign a person in whose right to it was just proven (set-up, invitation); the session gets a fresh key.

    Raises `NotFound` when there is no such active person.
    """
    user = User.objects.filter(id=user_id, is_active=True).first()
    if user is None:
        raise NotFound(f"There is no active user {user_id}.")
    login(request, user, backend=_BACKEND)
    request.session.set_expiry(None)


class _Waiting:
    """Answers 429 with the form and how long to wait, when too many tries went wrong."""

    template_name: str

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Take what was filled in."""
        try:
            answer: HttpResponseBase = super().post(request, *args, **kwargs)  # type: ignore[misc]
        except Throttled as error:
            return self._wait(request, error)
        if answer.status_code == 200:
            answer.status_code = 422
        return answer

    def _wait(self, request: HttpRequest, error: Throttled) -> HttpResponse:
        response = render(request, self.template_name, {"wait": str(error), **kept(request)}, status=429)
        response["Retry-After"] = str(max(1, round(error.retry_after)))
        return response


class SignIn(_Waiting, account.LoginView):  # type: ignore[misc]
    """E-mail and password; then the code, where an authenticator is set up."""

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Return what the page shows."""
        return {**super().get_context_data(**kwargs), **kept(self.request)}


class Code(_Waiting, mfa.AuthenticateView):  # type: ignore[misc]
    """The second factor: the code of the authenticator, a recovery code, or a passkey."""

    def get_context_data(self, **_: object) -> dict[str, object]:
        """Return what the page shows; a challenge for a passkey where the person has one and the place allows it."""
        has = second_factor.second_factor(self.stage.login.user.pk)
        offered = bool(has.passkeys) and passkey_offer(self.request).available
        options = passkeys.begin_using(self.stage.login.user.pk) if offered else ""
        return {"form": self.auth_form, "passkey_form": self.webauthn_form, "has": has, "options": options}


class Reset(account.PasswordResetView):  # type: ignore[misc]
    """Asks for a reset mail; says so where no mail can be sent."""

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Return what the page shows."""
        return {**super().get_context_data(**kwargs), "can_mail": mailing.can_mail()}

    def form_valid(self, form: object) -> HttpResponse:
        """Send the mail, where there is a mail server."""
        if not mailing.can_mail():
            refused: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=503)
            return refused
        answer: HttpResponse = super().form_valid(form)
        return answer


ResetSent = account.PasswordResetDoneView
ResetFromKey = account.PasswordResetFromKeyView


@require_safe
def reset_done(request: HttpRequest) -> HttpResponse:
    """Say that the new password is set."""
    return render(request, "account/password_reset_from_key_done.html")


@require_safe
def inactive(request: HttpRequest) -> HttpResponse:
    """Tell a deactivated person so."""
    return render(request, "account/account_inactive.html", status=403)


def too_many(request: HttpRequest) -> HttpResponse:
    """Answer 429 where allauth counts (asking for reset mails); allauth finds it as `handler429` of the URLs."""
    return error_pages.show(request, explain(Throttled("Too many tries. Try again in a minute.", 60.0)))


@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out: a page that asks, and what it posts."""
    if request.method == "POST":
        logout(request, show_message=False)
    if not request.user.is_authenticated:
        return HttpResponseRedirect("/sign-in/")
    return render(request, "account/logout.html")


def kept(request: HttpRequest) -> dict[str, object]:
    """Return what every sign-in page shows: the page to go on to, when it is one of ours, and which ways there are."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    return {
        "next": asked if Accounts(request).is_safe_url(asked) else "",
        "can_mail": mailing.can_mail(),
        "passkeys": passkey_offer(request),
        "provider": single_sign_on.offered(),
    }
