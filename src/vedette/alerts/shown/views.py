"""The pages of what fires: the list by where it stands, and one alert with its whole way."""

import itertools
from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.alerts import governing, service, verdict
from vedette.alerts.shown.chips import OVER, PAGE, chips
from vedette.alerts.standing_out import Bundle, Listing, Place
from vedette.alerts.types import Alert, Told
from vedette.core.errors import NotFound
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.ui.requests import back

_DAY = 86_400.0
_PAST = 25
_FEW = 10  # of one group, before the rest is counted
_ROWS = 20  # of one place, before the rest of its groups are counted
_PATTERNS = 100
_TOLD = 25  # of how many that fire the list says who was told of them


@require_safe
@needs(Verb.RULE_READ)
def alerts(request: Request) -> HttpResponse:
    """Show what fires by where it stands, worst first; without a filter also what is over and met no rule."""
    now = ports().clock.now()
    shown = request.GET.get("state", "")
    listing, since = service.listing(now), now - _DAY
    past = service.past(request.GET.get("cursor") or None, _PAST) if shown in {"", OVER} else None
    group, counts = request.GET.get("group", ""), service.counts(since)
    context = {
        "verdict": verdict.of_alerts(listing.alerts(Place.OPEN), counts, quiet=_quiet(listing)),
        "chips": chips(listing, shown, counts.firing),
        "sections": _sections(listing, shown, group),
        "past": service.told(past.alerts) if past else (),
        "page": past,
        "shows_past": past is not None,
        "whole": listing.whole(counts.firing),
        "unmatched": service.unmatched(since) if not shown else (),
        "may_write": may(request.actor, Verb.ALERT_WRITE).allowed,
        "here": request.get_full_path(),
        "tab": "alerts",
    }
    return render(request, "alerts/alerts.html", context)


@require_safe
@needs(Verb.RULE_READ)
def alert(request: Request, alert_id: int) -> HttpResponse:
    """Show one alert: state, labels, the whole way, what was told to whom, and what can be done."""
    why = service.why(alert_id, ports().clock.now())
    context = {
        "why": why,
        "alert": why.alert,
        "evidence": service.evidence(why.alert, ports().clock.now()),
        "standing": why.alert.standing,
        "acknowledged": why.alert.acked_at is not None,
        "may_write": may(request.actor, Verb.ALERT_WRITE).allowed,
        "tab": "alerts",
    }
    return render(request, "alerts/alert.html", context)


@require_safe
@needs(Verb.RULE_READ)
def patterns(request: Request) -> HttpResponse:
    """Show the patterns of messages that were found last: when first, how often, and one of them."""
    found, now = service.templates(_PATTERNS), ports().clock.now()
    names = {project.id: project.name for project in projects.projects()}
    context = {
        "verdict": verdict.of_patterns(found, now),
        "rows": [
            {"template": each, "project": names.get(each.project, "a deleted project")} for each in found
        ],
        "tab": "patterns",
    }
    return render(request, "alerts/patterns.html", context)


@require_POST
@needs(Verb.ALERT_WRITE)
def acknowledge(request: Request, alert_id: int) -> HttpResponse:
    """Take care of an alert; what is over already stays over."""
    now = ports().clock.now()
    taken = governing.acknowledge(request.actor, [alert_id], now)
    if taken and taken[0].acked_at != now:
        messages.info(request, f"{taken[0].acked_by} has it already.")
    elif taken:
        undo = f"{PAGE}{alert_id}/unacknowledge/"
        messages.success(request, "You take care of it: nobody is reminded of it.", extra_tags=undo)
    else:
        messages.info(request, "It is over already, so there is nothing to take care of.")
    return HttpResponseRedirect(back(request, f"{PAGE}{alert_id}/"))


@require_POST
@needs(Verb.ALERT_WRITE)
def unacknowledge(request: Request, alert_id: int) -> HttpResponse:
    """Take an acknowledgement back."""
    governing.unacknowledge(request.actor, [alert_id], ports().clock.now())
    messages.success(request, "Nobody takes care of it now; it is told again as its route says.")
    return HttpResponseRedirect(back(request, f"{PAGE}{alert_id}/"))


@require_POST
@needs(Verb.ALERT_WRITE)
def acknowledge_group(request: Request, group_id: int) -> HttpResponse:
    """Take care of all that stands under one head: what fires in a group, and nothing keeps quiet."""
    now = ports().clock.now()
    taken = governing.acknowledge_group(request.actor, group_id, now)
    if taken:
        undo = f"{PAGE}groups/{group_id}/unacknowledge/{now!r}/"
        them = (
            "it: nobody is reminded of it"
            if len(taken) == 1
            else f"{len(taken)} alerts: nobody is reminded of them"
        )
        messages.success(request, f"You take care of {them}.", extra_tags=undo)
    else:
        messages.info(request, "Somebody has all of it already, or it is over.")
    return HttpResponseRedirect(back(request, PAGE))


@require_POST
@needs(Verb.ALERT_WRITE)
def unacknowledge_group(request: Request, group_id: int, at: str) -> HttpResponse:
    """Take back what was acknowledged in a group at one instant; what somebody took before stays theirs."""
    freed = governing.unacknowledge_group(request.actor, group_id, _instant(at), ports().clock.now())
    if freed:
        messages.success(request, "Nobody takes care of them now; they are told again as their route says.")
    else:
        messages.info(request, "Nothing of this group was acknowledged then, or it is over.")
    return HttpResponseRedirect(back(request, PAGE))


@require_POST
@needs(Verb.ALERT_WRITE)
def take(request: Request, escalation_id: int) -> HttpResponse:
    """Take care of all that an escalation pages for."""
    taken = governing.take(request.actor, escalation_id, ports().clock.now())
    if taken:
        messages.success(request, "You take care of it: nobody is paged for it any more.")
    else:
        messages.info(request, "Somebody has it already, or it is over.")
    return HttpResponseRedirect(back(request, f"/on-call/escalations/{escalation_id}/"))


def _instant(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise NotFound("This address names no instant.") from None


def _quiet(listing: Listing) -> int:
    return sum(listing.count(place) for place in Place if place is not Place.OPEN)


_TITLES = {
    Place.OPEN: ("Fires now", "worst first, in the groups in which it is told"),
    Place.ACKNOWLEDGED: ("Acknowledged", "somebody takes care of it"),
    Place.SILENCED: ("Silenced", "a silence keeps it quiet"),
    Place.INHIBITED: ("Inhibited", "another alert makes it needless"),
}


def _sections(listing: Listing, shown: str, group: str) -> list[dict[str, object]]:
    """Return a card for each place that is asked for and not empty."""
    places = [place for place in Place if shown in {"", place.value}]
    chosen = {place: _chosen(listing.bundles[place], group) for place in places}
    return [_section(place, chosen[place], group, listing) for place in places if chosen[place]]


def _chosen(bundles: Sequence[Bundle], group: str) -> Sequence[Bundle]:
    """Return the bundles of a group (its id), all without one."""
    return [each for each in service.named(bundles) if str(each.group) == group] if group else bundles


def _section(place: Place, bundles: Sequence[Bundle], group: str, listing: Listing) -> dict[str, object]:
    """Return the card of a place: as many groups as fit, and how many more there are."""
    first = service.named(_first(bundles))
    seen = [(each, each.alerts if group else each.alerts[:_FEW]) for each in first]
    told = iter(_told([alert for _, alerts in seen for alert in alerts]))
    return {
        "id": place.value,
        "title": _TITLES[place][0],
        "sub": _TITLES[place][1],
        "bundles": [
            {
                "bundle": each,
                "many": len(each.alerts) > 1,
                "free": place is Place.OPEN and each.group > 0,
                "rows": [_row(one, listing) for one in itertools.islice(told, len(alerts))],
                "more": len(each.alerts) - len(alerts),
                "href": f"{PAGE}?state={place.value}&group={each.group}",
            }
            for each, alerts in seen
        ],
        "more": len(bundles) - len(seen),
    }


def _first(bundles: Sequence[Bundle]) -> Sequence[Bundle]:
    """Return the first groups of a place, until their rows fill a card."""
    rows = itertools.accumulate(min(len(each.alerts), _FEW) for each in bundles)
    return bundles[: sum(so_far <= _ROWS for so_far in rows) or 1]


def _row(told: Told, listing: Listing) -> dict[str, object]:
    return {"told": told, "quiet": listing.quiet[told.alert.id].reason}


def _told(seen: Sequence[Alert]) -> tuple[Told, ...]:
    known = service.told(tuple(seen[:_TOLD]))
    return (*known, *(Told(each, ()) for each in seen[_TOLD:]))
