"""Settings, You, Your notifications: one's own channels, what one hears of, what one follows, what arrived."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.notify import service, steps
from vedette.notify.forms import ChannelForm, PreferencesForm
from vedette.notify.types import ChannelError, ChannelRef, Preferences
from vedette.notify.verdict import failing, of_own
from vedette.notify.views.common import STATES, Request, state_of, warning
from vedette.plumbing.ports import ports
from vedette.projects import service as projects

HOME = "/settings/my-notifications/"
_LOG_PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.NOTIFY_OWN)
def mine(request: Request) -> HttpResponse:
    """Show and change what one hears of."""
    actor, now = request.actor, ports().clock.now()
    chosen = state_of(request)
    wants, channels = service.preferences(actor), service.own_channels(actor)
    form = PreferencesForm(
        projects.projects(), wants, now, request.POST if request.method == "POST" else None,
        zone=request.COOKIES.get("tz", "UTC"),
    )  # fmt: skip
    if form.is_bound and form.is_valid() and _save(request, form, now):
        return HttpResponseRedirect(HOME)
    context = {
        "verdict": of_own(channels, wants, service.last_proof(actor), now), "rules": _rules(channels, wants),
        "proven": service.proof_view(actor, now).answered,
        "form": form, "wants": wants, "kinds": service.kinds().values(),
        "channels": [
            {"ref": ref, "failing": failing(ref), "where": service.where(ref), "icon": service.kinds()[ref.kind].icon}
            for ref in channels
        ],
        "followed": service.followed(actor),
        "states": STATES, "state": chosen.value if chosen else "",
        "page": service.deliveries(
            state=chosen, cursor=request.GET.get("cursor") or None, n=_LOG_PAGE, owner=actor.id
        ),
    }  # fmt: skip
    return render(request, "notify/mine.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.NOTIFY_OWN)
def new_channel(request: Request, kind: str) -> HttpResponse:
    """Add a channel of one's own."""
    known = service.kinds().get(kind)
    if known is None:
        raise NotFound(f"There is no kind of channel named {kind}.")
    form = ChannelForm(known, data=request.POST if request.method == "POST" else None, own=True)
    if kind == "email" and request.actor.id:
        form.initial["recipients"] = accounts.user(request.actor.id).ref.email
    if form.is_bound and form.is_valid() and _keep(request, form, None):
        return HttpResponseRedirect(HOME)
    context = {
        "form": form, "kind": known, "warning": warning(kind), "own": True, "home": HOME,
        "push_key": service.push_key() if kind == "webpush" else "",
    }  # fmt: skip
    return render(request, "notify/channel.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.NOTIFY_OWN)
def channel(request: Request, channel_id: int) -> HttpResponse:
    """Change a channel of one's own."""
    ref = service.own_channel(request.actor, channel_id)
    form = ChannelForm(
        service.kinds()[ref.kind], ref, request.POST if request.method == "POST" else None, own=True
    )
    if form.is_bound and form.is_valid() and _keep(request, form, channel_id):
        return HttpResponseRedirect(HOME)
    context = {
        "form": form, "kind": form.kind, "channel": ref, "warning": warning(ref.kind), "own": True, "home": HOME,
        "press_url": service.press_url(ref),
        "delete_title": f"Delete {ref.name}?", "delete_action": f"{HOME}{ref.id}/delete/",
    }  # fmt: skip
    return render(request, "notify/channel.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Verb.NOTIFY_OWN)
def test_channel(request: Request, channel_id: int) -> HttpResponse:
    """Send a test to a channel of one's own and show the receipt, or the exact error."""
    name = service.own_channel(request.actor, channel_id).name
    try:
        receipt = service.test_own(request.actor, channel_id, ports().clock.now())
    except (ChannelError, Conflict) as error:
        messages.error(request, f"The test to {name} did not arrive: {error}")
    else:
        messages.success(request, f"The test to {name} was accepted: {receipt.detail}")
    return HttpResponseRedirect(HOME)


@require_POST
@needs(Verb.NOTIFY_OWN)
def delete_channel(request: Request, channel_id: int) -> HttpResponse:
    """Delete a channel of one's own."""
    name = service.own_channel(request.actor, channel_id).name
    service.delete_own(request.actor, channel_id, ports().clock.now())
    messages.success(request, f"{name} is deleted. Its delivery log stays.")
    return HttpResponseRedirect(HOME)


def _rules(channels: Sequence[ChannelRef], wants: Preferences) -> dict[str, str]:
    on = [one for one in channels if one.enabled]
    return {
        "important": f"From {wants.important_from} on. {steps.sentence(service.plan(wants, on, 'critical'))}",
        "default": steps.sentence(service.plan(wants, on, "info")),
    }


def _keep(request: Request, form: ChannelForm, channel_id: int | None) -> bool:
    given, now = form.cleaned_data, ports().clock.now()
    actor, name, config, on = request.actor, given["name"], form.config(), given["enabled"]
    try:
        if channel_id is None:
            made = service.create_own(actor, form.kind.kind, name, config, now, enabled=on)
        else:
            made = service.update_own(actor, channel_id, name, config, now, enabled=on)
    except Invalid as error:
        form.blame(error)
        return False
    except Conflict as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, f"{made.name} is saved.{' Send it a test.' if channel_id is None else ''}")
    return True


def _save(request: Request, form: PreferencesForm, now: float) -> bool:
    try:
        saved = service.set_preferences(request.actor, form.wants(now), now)
    except Invalid as error:
        form.add_error(None, " ".join(error.fields.values()) or str(error))
        return False
    messages.success(request, "You hear nothing for a while." if saved.quiet_until else "Saved.")
    return True
