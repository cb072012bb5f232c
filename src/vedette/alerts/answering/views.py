"""The page a link of a notice opens: for a phone at night, without signing in and without a script.

A GET shows and changes nothing, for mail scanners and chats open links by themselves; a POST acts. What asks for no
HTML (an ntfy button, a service worker) is answered with the sentence alone, or with JSON.
"""

from collections.abc import Callable

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import open_to_all
from vedette.alerts.answering import answers
from vedette.alerts.answering.answers import Answer
from vedette.core.clock import monotonic
from vedette.core.errors import Forbidden, Throttled
from vedette.plumbing.ports import ports
from vedette.ui.problem import problem

_PACE = accounts.Pace()
_KINDS = ["text/html", "text/plain", "application/json"]  # the first for who takes anything


@csrf_exempt  # it acts by no session: the token is signed
@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
def answer(request: Request, token: str) -> HttpResponse:
    """Show what a link does, or do it: 403 when the link does not work, 429 when it is asked too often."""
    now, does = ports().clock.now(), answers.act if request.method == "POST" else answers.look
    try:
        _PACE.spend(accounts.caller_address(), monotonic())
        response = _said(request, does(token, now))
    except Throttled as error:
        response = _refused(request, str(error), 429)
        response["Retry-After"] = f"{error.retry_after:.0f}"
    except Forbidden as error:
        response = _refused(request, str(error), 403)
    response["Cache-Control"] = "no-store"
    return response


def _said(request: Request, found: Answer) -> HttpResponse:
    def as_json() -> HttpResponse:
        told = {"act": found.act, "title": found.title, "by": found.by, "done": found.done}
        return JsonResponse({**told, "already": found.already})

    return _as_asked(request, {"answer": found}, found.said, 200, as_json)


def _refused(request: Request, why: str, status: int) -> HttpResponse:
    return _as_asked(request, {"why": why}, why, status, lambda: problem(status, why))


def _as_asked(
    request: Request, context: dict[str, object], text: str, status: int, as_json: Callable[[], HttpResponse]
) -> HttpResponse:
    kind = request.get_preferred_type(_KINDS)
    if kind == "text/html":
        return render(request, "alerts/answer.html", context, status=status)
    if kind == "application/json":
        response = as_json()
    else:
        response = HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Access-Control-Allow-Origin"] = (
        "*"  # ntfy in a browser asks from its own origin; no cookie counts here
    )
    return response
