"""The list of monitors: the worst first, in groups, found by state, kind, project, tag and name."""

from collections.abc import Iterator

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import NotFound
from vedette.monitors import listing, overseeing
from vedette.monitors.listing import By, Group, Shown, Wanted
from vedette.monitors.overseeing import Listing
from vedette.monitors.types import Glance
from vedette.monitors.views.common import PAGE, now
from vedette.plumbing.ports import ports
from vedette.projects import service as projects

_NO_PROJECT = "-"
_LONGEST = 100


class Chip(msgspec.Struct, frozen=True):
    """A choice of the list: where it leads, what it says, whether it is the present one."""

    href: str
    text: str
    count: int | None
    on: bool


class Row(msgspec.Struct, frozen=True):
    """A monitor of the list with its state in a tone and a word."""

    glance: Glance
    tone: str
    word: str
    said: str


class Card(msgspec.Struct, frozen=True):
    """A group of the list, and where the rest of it is."""

    id: str
    group: Group
    rows: tuple[Row, ...]
    rest: str
    href: str


@require_safe
@needs(Verb.MONITOR_READ)
def monitors(request: Request) -> HttpResponse:
    """Answer: what is down, since when, and why?"""
    asked = {
        name: request.GET.get(name, "")[:_LONGEST] for name in ("q", "state", "project", "kind", "tag", "by")
    }
    wanted, by = _wanted(asked), By.TAG if asked["by"] == By.TAG.value else By.PROJECT
    found = overseeing.listed(wanted, by, request.GET.get("cursor") or None, now())
    context = {
        "found": found, "asked": asked, "chips": list(_chips(found, asked)), "by": list(_by(asked, by)),
        "cards": [_card(place, group, asked, by) for place, group in enumerate(found.groups)],
        "projects": [one for one in projects.projects() if any(c.project == one.id for c in found.every)],
        "kinds": sorted({one.kind for one in found.every}), "tags": listing.tags(found.every),
        "filtered": any(value for name, value in asked.items() if name != "by"), "page": found,
        "may_write": may(request.actor, Verb.MONITOR_WRITE).allowed, "tab": "monitors",
        "curl": _curl(),
    }  # fmt: skip
    return render(request, "monitors/monitors.html", context)


def row_of(glance: Glance) -> Row:
    """Return a monitor as a row tells it."""
    state = listing.shown(glance.watched)
    tone, word = listing.SAID[state]
    said = glance.watched.known.standing.reason if state in listing.TROUBLE else ""
    return Row(glance, tone, word, glance.hushed or said)


def _wanted(asked: dict[str, str]) -> Wanted:
    named = asked["project"]
    project = None if not named else 0 if named == _NO_PROJECT else projects.project(named).id
    if asked["state"] and asked["state"] not in list(Shown):
        raise NotFound(f"No monitor is ever {asked['state'][:20]}; there are {', '.join(Shown)}.")
    return Wanted(
        text=asked["q"].strip(), shown=Shown(asked["state"]) if asked["state"] else None, project=project,
        kind=asked["kind"], tag=asked["tag"],
    )  # fmt: skip


def _link(asked: dict[str, str], **changed: str) -> str:
    query = urlencode({name: value for name, value in {**asked, **changed}.items() if value})
    return f"{PAGE}?{query}" if query else PAGE


def _chips(found: Listing, asked: dict[str, str]) -> Iterator[Chip]:
    total = sum(found.states.values())
    yield Chip(_link(asked, state=""), "All", total, not asked["state"])
    for state in Shown:
        n = found.states.get(state, 0)
        if n or asked["state"] == state:
            yield Chip(_link(asked, state=state.value), listing.SAID[state][1], n, asked["state"] == state)


def _by(asked: dict[str, str], by: By) -> Iterator[Chip]:
    for one, text in ((By.PROJECT, "Projects"), (By.TAG, "Tags")):
        yield Chip(_link(asked, by="" if one is By.PROJECT else one.value), text, None, one is by)


def _card(place: int, group: Group, asked: dict[str, str], by: By) -> Card:
    """Return a group with where its folded rows are: those of its one other state, or all of it."""
    rows = tuple(row_of(one) for one in group.rows)
    left = {
        state
        for state, n in group.counts.items()
        if n > sum(listing.shown(r.watched) is state for r in group.rows)
    }
    state = (
        next(iter(left)).value
        if len(left) == 1
        else Shown.UP.value
        if Shown.UP in left
        else next(iter(left), Shown.UP).value
    )
    chosen = {"tag": group.key} if by is By.TAG else {"project": _slug(group.key)}
    return Card(f"g{place}", group, rows, group.rest, _link(asked, state=state, **chosen))


def _slug(key: str) -> str:
    return next((one.slug for one in projects.projects() if str(one.id) == key), _NO_PROJECT)


def _curl() -> str:
    return f"curl -fsS -m 10 --retry 5 {ports().settings.public_url}/ping/…"
