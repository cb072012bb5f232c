"""What a person does to issues from the pages: each act answers with a way to take it back."""

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import Invalid
from vedette.errors import service
from vedette.errors.present.issue import href_of
from vedette.errors.types import Action, Assign, Done, Fixed, Mute, Reopen, Resolve
from vedette.errors.views.common import PAGE, actor_of, now
from vedette.ui.requests import back

HOUR = 3_600.0


class MuteWay(msgspec.Struct, frozen=True):
    """A way to mute, as the menu offers it."""

    value: str
    text: str


MUTES = (
    MuteWay("mute:hour", "1 hour has passed"),
    MuteWay("mute:day", "1 day has passed"),
    MuteWay("mute:week", "7 days have passed"),
    MuteWay("mute:10-events", "10 more events came"),
    MuteWay("mute:100-events", "100 more events came"),
    MuteWay("mute:10-users", "10 more users were hit"),
    MuteWay("mute:escalating", "it escalates: far more an hour than usual"),
    MuteWay("mute:good", "somebody reopens it"),
)
CHOSEN = "chosen"  # the button beside a list of ways, whose name is `way`
_FIXES = {"": Fixed.NOW, "next": Fixed.NEXT, "current": Fixed.CURRENT, "release": Fixed.RELEASE}
_SPANS = {"hour": HOUR, "day": 24 * HOUR, "week": 7 * 24 * HOUR}


@require_POST
@needs(Verb.ISSUE_WRITE)
def act(request: HttpRequest, short_id: str) -> HttpResponse:
    """Do one thing to one issue and show its page again."""
    tell(request, service.act(actor_of(request), [short_id], action_of(request), now()))
    return HttpResponseRedirect(href_of(short_id))


@require_POST
@needs(Verb.ISSUE_WRITE)
def bulk(request: HttpRequest) -> HttpResponse:
    """Do one thing to the selected issues and show the list again."""
    chosen = request.POST.getlist("ids")
    if not chosen:
        messages.warning(request, "Nothing was selected. Tick issues first.")
    elif request.POST.get("act") == "merge":
        _merge(request, chosen)
    else:
        tell(request, service.act(actor_of(request), chosen, action_of(request), now()))
    return HttpResponseRedirect(back(request, PAGE))


def _merge(request: HttpRequest, chosen: list[str]) -> None:
    try:
        tell(request, service.merge(actor_of(request), chosen, "", now()))
    except Invalid as error:
        messages.error(request, str(error))


@require_POST
@needs(Verb.ISSUE_WRITE)
def undo(request: HttpRequest, token: str) -> HttpResponse:
    """Take an act back."""
    done = service.undo(actor_of(request), token, now())
    messages.info(request, done.text)
    return HttpResponseRedirect(back(request, PAGE))


@require_POST
@needs(Verb.ISSUE_WRITE)
def comment(request: HttpRequest, short_id: str) -> HttpResponse:
    """Add a comment and show the issue's history."""
    try:
        service.comment(actor_of(request), short_id, request.POST.get("text", ""), now())
    except Invalid as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(f"{href_of(short_id)}#history")


@require_POST
@needs(Verb.NOTIFY_OWN)
def follow(request: HttpRequest, short_id: str) -> HttpResponse:
    """Follow an issue, or follow it no more."""
    on = request.POST.get("follow") != "0"
    key = service.follow(actor_of(request), short_id, now(), on=on)
    messages.success(request, f"You {'follow' if on else 'no longer follow'} {key}.")
    return HttpResponseRedirect(href_of(key))


def action_of(request: HttpRequest) -> Action:
    """Return what the pressed button asks for; raises `Invalid` for anything no button sends."""
    asked = request.POST.get("act", "")
    name, _, detail = (request.POST.get("way", "") if asked == CHOSEN else asked).partition(":")
    if name == "resolve":
        return _resolve(detail, request.POST.get("release", ""))
    if name == "reopen":
        return Reopen()
    if name == "mute":
        return _mute(detail)
    if name == "assign":
        return Assign(_user(request.POST.get("who", "")))
    raise Invalid(f"There is no act {name!r}; it is resolve, reopen, mute or assign.")


def _resolve(detail: str, release: str) -> Resolve:
    if detail not in _FIXES:
        raise Invalid(f"There is no way to resolve in {detail!r}; say next, current or release.")
    fixed = _FIXES[detail]
    return Resolve(fixed=fixed, release=release.strip() if fixed is Fixed.RELEASE else "")


def _mute(detail: str) -> Mute:
    if detail == "escalating":
        return Mute(escalating=True)
    if detail in _SPANS:
        return Mute(until=now() + _SPANS[detail])
    number, _, kind = detail.partition("-")
    if number.isdecimal() and kind in {"events", "users"} and 0 < int(number) <= 1_000_000:
        return Mute(events=int(number)) if kind == "events" else Mute(users=int(number))
    if detail in {"", "good"}:
        return Mute()
    raise Invalid(
        f"There is no way to mute until {detail!r}; say hour, day, week, escalating, good or like 10-events."
    )


def _user(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal():
        raise Invalid(f"There is no user {text!r}.", {"who": "Choose somebody of the list."})
    return int(text)


def tell(request: HttpRequest, done: Done) -> None:
    """Say what was done; the message carries where to undo it."""
    messages.success(request, done.text, extra_tags=f"/issues/undo/{done.undo}/" if done.undo else "")
