"""The page a link of a notice opens: for a phone at night, without signing in and without a script.

A GET shows and changes nothing, for mail scanners and chats open links by themselves; a POST acts. What asks for no
HTML (an ntfy button, a service worker) is answered with the sentence alone.
"""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import open_to_all
from vedette.alerts.answering import answers
from vedette.core.clock import monotonic
from vedette.core.errors import Forbidden, Throttled
from vedette.plumbing.ports import ports

_PACE = accounts.Pace()


@csrf_exempt  # it acts by no session: the token is signed
@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
def answer(request: Request, token: str) -> HttpResponse:
    """Show what a link does, or do it: 403 when the link does not work, 429 when it is asked too often."""
    now, acts = ports().clock.now(), request.method == "POST"
    try:
        _PACE.spend(accounts.caller_address(), monotonic())
        found = answers.act(token, now) if acts else answers.look(token, now)
    except Throttled as error:
        return _say(
            request, {"why": str(error)}, str(error), 429, {"Retry-After": f"{error.retry_after:.0f}"}
        )
    except Forbidden as error:
        return _say(request, {"why": str(error)}, str(error), 403)
    return _say(request, {"answer": found}, found.done or found.title, 200)


def _say(
    request: Request,
    context: dict[str, object],
    text: str,
    status: int,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    if request.accepts("text/html"):
        response = render(request, "alerts/answer.html", context, status=status)
    else:
        response = HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response[name] = value
    return response
