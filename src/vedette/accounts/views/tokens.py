"""The page of API tokens."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from vedette.accounts import tokens
from vedette.accounts.forms import TokenForm
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Scope, Verb, may, needs
from vedette.accounts.types import TokenRef
from vedette.accounts.views.common import back, errors_into
from vedette.core.errors import Forbidden
from vedette.plumbing.ports import ports

_PAGE = "/settings/tokens/"
_DAY = 86_400.0


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.TOKEN_OWN)
def page(request: Request) -> HttpResponse:
    """List tokens; make one, whose secret is in this answer and never again."""
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with errors_into(form):
                secret, made = _make(request, form)
                return _page(request, TokenForm(), {"secret": secret, "made": made})
        except Forbidden as error:
            form.add_error("scope", str(error))
    return _page(request, form)


@require_POST
@needs(Verb.TOKEN_OWN)
def revoke(request: Request, token_id: int) -> HttpResponse:
    """Revoke a token: one's own, or for administrators any."""
    tokens.revoke_token(request.actor, token_id, ports().clock.now())
    messages.success(request, "The token works no more.")
    return back(_PAGE)


def _make(request: Request, form: TokenForm) -> tuple[str, TokenRef]:
    data, now = form.cleaned_data, ports().clock.now()
    expires_at = now + data["days"] * _DAY if data["days"] else None
    return tokens.create_token(request.actor, data["name"], _scopes(data["scope"]), now, expires_at)


def _scopes(widest: str) -> tuple[Scope, ...]:
    """Return a scope with those it contains, as a person understands "write"."""
    order = list(Scope)
    return tuple(order[: order.index(Scope(widest)) + 1])


def _page(request: Request, form: Form, made: dict[str, object] | None = None) -> HttpResponse:
    everybody = may(request.actor, Verb.TOKEN_ALL).allowed
    shown = {
        "tokens": tokens.tokens(request.actor),
        "everybody": everybody,
        "form": form,
        "now": ports().clock.now(),
        **(made or {}),
    }
    return render(request, "accounts/tokens.html", shown, status=422 if form.errors else 200)
