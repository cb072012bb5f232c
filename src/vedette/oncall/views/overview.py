"""The page of on-call: who gets the next page, until when, and what a page that nobody answers does next."""

from collections.abc import Mapping, Sequence

import msgspec
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.oncall import burdens, drawing, gaps, saying, service, standing
from vedette.oncall.drawing import Row
from vedette.oncall.rotating import Rota
from vedette.oncall.standing import DAY
from vedette.oncall.types import Cover, CoverKind, Schedule, Turn
from vedette.oncall.views.common import aloud, names, now, rows, told
from vedette.ui.requests import zone

_NEXT = ["oncall/_next.html", "oncall/_nothing.html"]
_LOAD_DAYS, _MOST_OWN, _MOST_DRAWN = 28, 8, 20


class Part(msgspec.Struct, frozen=True):
    """A schedule on the page: who is on, the sentence, its calendar, and the gaps ahead."""

    schedule: Schedule
    turn: Turn
    on: str
    sentence: str
    shadows: str
    rows: tuple[Row, ...]
    gaps: tuple[tuple[float, float], ...]


class Asked(msgspec.Struct, frozen=True):
    """A swap that this member is asked for: by whom, the time they take, and the time they give."""

    who: str
    takes: Cover
    gives: Cover


@require_safe
@needs(Verb.ONCALL_READ)
def page(request: Request) -> HttpResponse:
    """Answer: who gets the next page, until when? What is not covered, and what bears whom?"""
    at, own, known, me = now(), zone(request), names(), request.actor.id
    of = drawing.shown(at, own)
    made = standing.rotas(service.schedules(), of.start, at + standing.AHEAD)
    found = sorted(
        ((rota, standing.turn_of(rota, at)) for rota in made), key=lambda each: bool(each[1].now.people)
    )
    turns = [turn for _, turn in found]
    parts = [_part(rota, turn, of, known, me) for rota, turn in found[:_MOST_DRAWN]]
    writes, covers = (may(request.actor, verb).allowed for verb in (Verb.ONCALL_WRITE, Verb.ONCALL_COVER))
    ahead = [told(one, known, me, writes=writes, covers=covers) for one in service.covers(at, at + 90 * DAY)]
    loads = sorted(service.load(at - _LOAD_DAYS * DAY, at).values(), key=lambda one: -one.hours)
    context = {
        "said": saying.opening(turns, known, at, own), "parts": parts, "days": drawing.days(of), "of": of, "tab": "now",
        "own": _own(me, at, own), "asked": _asked([one.cover for one in ahead], known, me) if covers else (), "covers": ahead, "loads": loads,
        "evenly": burdens.sentence(loads, known), "people": known, "next": _NEXT, "may_write": writes, "may_cover": covers,
        "schedules": {turn.schedule.id: turn.schedule.name for turn in turns},
        "more": [(turn, saying.next_page(turn, known, at, own)) for turn in turns[_MOST_DRAWN:]],
        "nexts": aloud(),
    }  # fmt: skip
    return render(request, "oncall/overview.html", context)


def _part(rota: Rota, turn: Turn, of: drawing.Range, known: dict[int, str], me: int) -> Part:
    return Part(
        rota.schedule, turn, saying.who(turn.now.people, known), saying.next_page(turn, known, of.now, of.zone),
        saying.who(turn.now.shadows, known) if turn.now.shadows else "", rows(rota, of, known, me),
        gaps.coming(rota, of.now),
    )  # fmt: skip


def _asked(ahead: Sequence[Cover], known: Mapping[int, str], me: int) -> tuple[Asked, ...]:
    """Return the swaps this member is asked for: who asks wrote the half that gives their time away first."""
    halves = [one for one in ahead if one.kind is CoverKind.ASKED]
    pairs = [
        (one, other)
        for one in halves
        for other in halves
        if one.user == me and (other.user, other.instead, other.made_at) == (one.instead, me, one.made_at)
    ]
    return tuple(
        Asked(known.get(one.instead or 0, saying.GONE), one, other)
        for one, other in pairs
        if one.id < other.id
    )


def _own(me: int, at: float, own: str) -> list[tuple[Schedule, str]]:
    found = service.own_shifts(me, at, at + drawing.DAYS * DAY) if me else ()
    return [(schedule, saying.own(shift, at, own)) for schedule, shift in found[:_MOST_OWN]]
