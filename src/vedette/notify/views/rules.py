"""Settings, You, Your notifications: one's personal rules, and the test page that must be acknowledged."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Verb, needs, open_to_all
from vedette.core.clock import monotonic
from vedette.core.errors import Conflict, Forbidden, Invalid, Throttled
from vedette.notify import proof as proofs
from vedette.notify import service, steps
from vedette.notify.forms import StepsForm
from vedette.notify.views.common import Request
from vedette.plumbing.ports import ports

HOME = "/settings/my-notifications/"
PROOF = f"{HOME}proof/"
_PACE = accounts.Pace()


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.NOTIFY_OWN)
def rules(request: Request) -> HttpResponse:
    """Show and change which of one's channels is told when."""
    wants, channels = service.preferences(request.actor), service.own_channels(request.actor)
    form = StepsForm(wants, channels, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _keep(request, form):
        return HttpResponseRedirect(HOME)
    context = {"form": form, "rules": form.rules(), "channels": channels, "home": HOME}
    return render(request, "notify/rules.html", context, status=422 if form.is_bound else 200)


@require_safe
@needs(Verb.NOTIFY_OWN)
def proof(request: Request) -> HttpResponse:
    """Show one's last test page as it stands, step by step."""
    now = ports().clock.now()
    seen = service.proof_view(request.actor, now)
    wants = service.preferences(request.actor)
    channels = [one for one in service.own_channels(request.actor) if one.enabled]
    context = {
        "seen": seen, "verdict": proofs.verdict(seen.proof, now), "here": PROOF, "channels": channels,
        "rule": steps.sentence(service.plan(wants, channels, "critical")),
        "kept_back": wants.hours is not None and wants.hours.critical,
    }  # fmt: skip
    return render(request, "notify/proof.html", context)


@require_POST
@needs(Verb.NOTIFY_OWN)
def start_proof(request: Request) -> HttpResponse:
    """Page oneself for real."""
    try:
        service.start_proof(request.actor, ports().clock.now())
    except (Conflict, Throttled) as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(PROOF)


@require_POST
@needs(Verb.NOTIFY_OWN)
def acknowledge_proof(request: Request) -> HttpResponse:
    """Acknowledge one's test page in the page."""
    try:
        service.acknowledge_proof(request.actor, ports().clock.now())
    except Conflict as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(PROOF)


@csrf_exempt  # it acts by no session: the token is signed
@require_http_methods(["GET", "HEAD", "POST"])
@open_to_all
def answer(request: Request, token: str) -> HttpResponse:
    """Show what a link of a test page does, or do it: 403 when it does not work, 429 when it is asked too often.

    A GET changes nothing, for scanners and chats open links by themselves.
    """
    now, acts = ports().clock.now(), request.method == "POST"
    try:
        _PACE.spend(accounts.caller_address(), monotonic())
        done = service.acknowledge_link(token, now) if acts else service.seen_link(token, now)
    except Throttled as error:
        response = _say(request, {"why": str(error)}, str(error), 429)
        response["Retry-After"] = f"{error.retry_after:.0f}"
        return response
    except Forbidden as error:
        return _say(request, {"why": str(error)}, str(error), 403)
    return _say(request, {"done": done}, done or "The test page waits for your acknowledgement.", 200)


def _say(request: Request, context: dict[str, str], text: str, status: int) -> HttpResponse:
    if request.accepts("text/html"):
        response = render(request, "notify/answer.html", context, status=status)
    else:
        response = HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def _keep(request: Request, form: StepsForm) -> bool:
    try:
        service.set_preferences(request.actor, form.wants(), ports().clock.now())
    except Invalid as error:
        form.blame(error)
        return False
    messages.success(request, "Saved. Page yourself for real to see whether it works.")
    return True
