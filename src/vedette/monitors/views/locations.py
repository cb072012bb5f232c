"""The pages of locations: which there are and whether they are heard of, and adding one, whose token is shown once."""

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Conflict, Invalid
from vedette.monitors.forms.locations import LocationForm
from vedette.monitors.locations import silence
from vedette.monitors.locations.types import Location
from vedette.monitors.outposts import service
from vedette.monitors.views.common import PAGE, now, posted
from vedette.plumbing.ports import ports
from vedette.ui import words

LOCATIONS = f"{PAGE}locations/"
_SPOOL = "/var/lib/vedette-probe"


class Row(msgspec.Struct, frozen=True):
    """A location in the list: tone and word of how it is, what is said of its removal, how many monitors it checks."""

    location: Location
    tone: str
    word: str
    monitors: int
    going: str


@require_safe
@needs(Verb.MONITOR_READ)
def locations(request: Request) -> HttpResponse:
    """List the locations, with when each was last heard of."""
    return _page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.LOCATION_WRITE)
def new(request: Request) -> HttpResponse:
    """Add a location; its token is in this answer and never again."""
    form = LocationForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            token, made = service.add(
                request.actor, form.cleaned_data["name"], form.cleaned_data["slug"], now()
            )
        except Invalid as error:
            form.blame(error)
        except Conflict as error:
            form.add_error("slug", str(error))
        else:
            return _page(request, made, token)
    context = {"form": form, "tab": "locations"}
    return render(request, "monitors/location.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Verb.LOCATION_WRITE)
def renew(request: Request, slug: str) -> HttpResponse:
    """Give a location another token, which is in this answer and never again."""
    found = service.find(slug)
    return _page(request, found, service.renew(request.actor, found, now()))


@require_POST
@needs(Verb.LOCATION_WRITE)
def remove(request: Request, slug: str) -> HttpResponse:
    """Remove a location, also from its monitors."""
    found = service.find(slug)
    left = service.remove(request.actor, found, now())
    messages.success(request, f"{found.name} is removed; {_count(left)} {_was(left)} checked from it.")
    return HttpResponseRedirect(LOCATIONS)


def _page(request: Request, made: Location | None = None, token: str = "") -> HttpResponse:
    at, counts = now(), service.counts()
    rows = [_row(one, counts.get(one.slug, 0), at) for one in service.every()]
    title, tone = _sentence(rows)
    command = (
        f"VEDETTE_PROBE_TOKEN={token} vedette probe --server {ports().settings.public_url} --spool {_SPOOL}"
    )
    context = {
        "rows": rows, "title": title, "tone": tone, "tab": "locations", "made": made, "token": token, "command": command,
        "may_write": may(request.actor, Verb.LOCATION_WRITE).allowed,
    }  # fmt: skip
    return render(request, "monitors/locations.html", context)


def _row(one: Location, monitors: int, at: float) -> Row:
    tone, word = ("ok", "Heard of") if one.heard_at else ("off", "Awaited")
    if silence.why(one, at, 0.0):
        tone, word = "crit", "Silent"
    alone = len(service.alone(one)) if monitors else 0
    going = (
        f"{_count(monitors)} {_is(monitors)} checked from it." if monitors else "Nothing is checked from it."
    )
    if alone:
        going += f" {_count(alone)} of them {_is(alone)} checked from nowhere else, and from here then."
    return Row(one, tone, word, monitors, going)


def _sentence(rows: list[Row]) -> tuple[str, str]:
    """Return what the page says first, and in which tone."""
    silent = [row.location.name for row in rows if row.tone == "crit"]
    if silent:
        return f"{silent[0]} is silent." if len(
            silent
        ) == 1 else f"{len(silent)} locations are silent.", "crit"
    if not rows:
        return "Everything is checked from here.", "off"
    awaited = [row.location.name for row in rows if row.tone == "off"]
    if awaited:
        some = f"{len(awaited)} of {len(rows)} locations are" if len(awaited) > 1 else f"{awaited[0]} is"
        return f"{some} still awaited.", "off"
    return (
        "The location is heard of." if len(rows) == 1 else f"All {len(rows)} locations are heard of."
    ), "ok"


def _count(n: int) -> str:
    return f"{words.number(n)} {'monitor' if n == 1 else 'monitors'}"


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


def _was(n: int) -> str:
    return "was" if n == 1 else "were"
