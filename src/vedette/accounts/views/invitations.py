"""The page an invitation's link leads to."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from vedette.accounts import inviting
from vedette.accounts.forms import JoinForm
from vedette.accounts.views.common import errors_into
from vedette.accounts.views.entrance import sign_in
from vedette.core.errors import Conflict, NotFound
from vedette.plumbing.ports import ports


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Show who is invited, take name and password, and sign the new person in."""
    now = ports().clock.now()
    try:
        invitation = inviting.invitation(secret, now)
        return _join(request, secret, JoinForm(request.POST or None), {"invitation": invitation}, now)
    except (NotFound, Conflict) as error:
        return _private(render(request, "accounts/invitation_gone.html", {"why": str(error)}, status=404))


def _join(
    request: HttpRequest, secret: str, form: JoinForm, shown: dict[str, object], now: float
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        with errors_into(form):
            made = inviting.accept_invitation(
                secret, form.cleaned_data["name"], form.cleaned_data["password"], now
            )
            sign_in(request, made.id)
            return HttpResponseRedirect("/")
    status = 422 if form.errors else 200
    return _private(render(request, "accounts/invitation.html", {"form": form, **shown}, status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """Keep the link's secret out of what other pages are told."""
    response["Referrer-Policy"] = "no-referrer"
    return response
