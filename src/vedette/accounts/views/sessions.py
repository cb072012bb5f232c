"""The page of one's own sessions."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts import entering
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.accounts.views.common import back
from vedette.plumbing.ports import ports

_PAGE = "/settings/sessions/"


@require_safe
@needs(Verb.ACCOUNT_OWN)
def page(request: Request) -> HttpResponse:
    """List where one is signed in."""
    settings = ports().settings
    found = entering.sessions_of(request.actor.id, request.session_id, ports().clock.now())
    shown = {"sessions": found, "idle": settings.session_idle_hours, "days": settings.session_max_days}
    return render(request, "accounts/sessions.html", shown)


@require_POST
@needs(Verb.ACCOUNT_OWN)
def end(request: Request) -> HttpResponse:
    """End one session; ending the current one signs out."""
    session_id = request.POST.get("session", "")
    entering.end_session(request.actor, session_id, ports().clock.now())
    if session_id == request.session_id:
        logout(request)
        return back("/sign-in/")
    messages.success(request, "The session has ended.")
    return back(_PAGE)


@require_POST
@needs(Verb.ACCOUNT_OWN)
def end_all(request: Request) -> HttpResponse:
    """End every session: but this one, unless `this` is `yes`."""
    this_too = request.POST.get("this") == "yes"
    keep = "" if this_too else request.session_id
    ended = entering.sign_out_everywhere(request.actor, ports().clock.now(), keep)
    if this_too:
        logout(request)
        messages.success(request, "You are signed out everywhere.")
        return back("/sign-in/")
    messages.success(request, f"{ended} other {'session' if ended == 1 else 'sessions'} ended.")
    return back(_PAGE)
