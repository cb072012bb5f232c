"""Settings, Notifications: everybody's channels, and the log of what was delivered."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Invalid, NotFound
from vedette.notify import service
from vedette.notify.forms import ChannelForm
from vedette.notify.types import ChannelError
from vedette.notify.verdict import failing
from vedette.notify.views.common import STATES, Request, state_of, warning
from vedette.plumbing.ports import ports

HOME = "/settings/notifications/"
_LOG_PAGE = 25


@require_safe
@needs(Verb.CHANNEL_READ)
def notifications(request: Request) -> HttpResponse:
    """Show whether people are told, by which channels, and what became of the last notices."""
    chosen = state_of(request)
    page = service.deliveries(state=chosen, cursor=request.GET.get("cursor") or None, n=_LOG_PAGE)
    context = {
        "verdict": service.verdict(ports().clock.now()),
        "channels": [
            {
                "ref": ref,
                "failing": failing(ref),
                "where": service.where(ref),
                "icon": service.kinds()[ref.kind].icon,
            }
            for ref in service.channels()
        ],
        "kinds": service.shared_kinds().values(),
        "page": page,
        "states": STATES,
        "state": chosen.value if chosen else "",
        "may_write": may(request.actor, Verb.CHANNEL_WRITE).allowed,
        "people": service.people_with_channels() if may(request.actor, Verb.USER_WRITE).allowed else (),
    }
    return render(request, "notify/notifications.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.CHANNEL_WRITE)
def new_channel(request: Request, kind: str) -> HttpResponse:
    """Add a channel of a kind."""
    known = service.shared_kinds().get(kind)
    if known is None:
        raise NotFound(f"There is no kind of channel named {kind}.")
    form = ChannelForm(known, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _create(request, form):
        return HttpResponseRedirect(HOME)
    context = {"form": form, "kind": known, "warning": warning(kind)}
    return render(request, "notify/channel.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.CHANNEL_WRITE)
def channel(request: Request, channel_id: int) -> HttpResponse:
    """Change a channel."""
    ref = service.channel(channel_id)
    kind = service.kinds()[ref.kind]
    form = ChannelForm(kind, ref, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _update(request, form, channel_id):
        return HttpResponseRedirect(HOME)
    context = {
        "form": form,
        "kind": kind,
        "channel": ref,
        "press_url": service.press_url(ref),
        "warning": warning(ref.kind),
        "delete_title": f"Delete {ref.name}?",
        "delete_action": f"{HOME}{ref.id}/delete/",
    }
    return render(request, "notify/channel.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Verb.CHANNEL_WRITE)
def test_channel(request: Request, channel_id: int) -> HttpResponse:
    """Send a test and show the receipt, or the exact error."""
    name = service.channel(channel_id).name
    try:
        receipt = service.test(request.actor, channel_id, ports().clock.now())
    except ChannelError as error:
        messages.error(request, f"The test to {name} did not arrive: {error}")
    else:
        messages.success(request, f"The test to {name} was accepted: {receipt.detail}")
    return HttpResponseRedirect(HOME)


@require_POST
@needs(Verb.CHANNEL_WRITE)
def delete_channel(request: Request, channel_id: int) -> HttpResponse:
    """Delete a channel."""
    name = service.channel(channel_id).name
    service.delete_channel(request.actor, channel_id, ports().clock.now())
    messages.success(request, f"{name} is deleted. Its delivery log stays.")
    return HttpResponseRedirect(HOME)


def _create(request: Request, form: ChannelForm) -> bool:
    given = form.cleaned_data
    try:
        made = service.create_channel(
            request.actor,
            form.kind.kind,
            given["name"],
            form.config(),
            ports().clock.now(),
            enabled=given["enabled"],
            default=given["default"],
        )
    except Invalid as error:
        form.blame(error)
        return False
    messages.success(request, f"{made.name} is added. Send it a test.")
    return True


def _update(request: Request, form: ChannelForm, channel_id: int) -> bool:
    given = form.cleaned_data
    try:
        service.update_channel(
            request.actor,
            channel_id,
            given["name"],
            form.config(),
            ports().clock.now(),
            enabled=given["enabled"],
            default=given["default"],
        )
    except Invalid as error:
        form.blame(error)
        return False
    messages.success(request, f"{given['name']} is saved.")
    return True
