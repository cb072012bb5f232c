"""The page of feeds: how old what we know of weaknesses is, and how it is brought up to date."""

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.instruments.scan.advisories.types import MAX_AGE, FeedStatus
from vedette.plumbing.ports import ports
from vedette.scans import service
from vedette.scans.feeding import Shelf
from vedette.scans.targets import DAY, Faring

PAGE = "/findings/feeds/"


class Row(msgspec.Struct, frozen=True):
    """A feed as a list shows it."""

    one: FeedStatus
    tone: str
    word: str
    covers: str


@require_safe
@needs(Verb.FINDING_READ)
def feeds(request: Request) -> HttpResponse:
    """Answer: can what we know of weaknesses be relied on?"""
    shelf = service.shelf(ports().clock.now())
    context = {
        "shelf": shelf, "rows": [_row(one) for one in sorted(shelf.feeds, key=lambda one: (not one.trouble, one.name))],
        "verdict": _verdict(shelf), "tab": "feeds", "may_write": may(request.actor, Verb.SCAN_WRITE).allowed,
        "here": request.get_full_path(), "days": MAX_AGE / DAY,
    }  # fmt: skip
    return render(request, "scans/feeds.html", context)


@require_POST
@needs(Verb.SCAN_WRITE)
def update(request: Request) -> HttpResponse:
    """Have feeds brought up to date at once."""
    service.update_now(request.actor, ports().clock.now())
    messages.success(request, "Feeds are brought up to date as soon as nothing else runs.")
    return HttpResponseRedirect(PAGE)


def _row(one: FeedStatus) -> Row:
    tone, word = (
        ("crit", "Unreliable") if one.trouble else ("warn", "Incomplete") if one.broken else ("ok", "Good")
    )
    return Row(one, tone, word, ", ".join(one.covers[:6]) or one.kind.value.upper())


def _verdict(shelf: Shelf) -> Faring:
    bad = sum(bool(one.trouble) for one in shelf.feeds) + len(shelf.damaged)
    if bad:
        return Faring(
            f"{bad:,} {'feed' if bad == 1 else 'feeds'} cannot be relied on",
            "Scans that rest on them could not know, and say so.",
            "crit",
        )
    if not shelf.feeds:
        return Faring(
            "Nothing is known of weaknesses in packages",
            "Without a feed no package can be compared: such scans could not know.",
            "warn",
        )
    oldest = max(one.age for one in shelf.feeds) / DAY
    return Faring(
        f"What is known is {_days(oldest)} old at most",
        f"{sum(one.records for one in shelf.feeds):,} records in {len(shelf.feeds)} feeds.",
        "ok",
    )


def _days(age: float) -> str:
    return "a day" if age <= 1 else f"{age:.0f} days"
