"""The pages of findings: what must be fixed this week, all of them by rank, and one with its story."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts import service as accounts
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Invalid, NotFound
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.scans import ranking, service, verdict
from vedette.scans.store import made
from vedette.scans.store.findings import BANDS
from vedette.scans.types import Asked, Known, Life
from vedette.ui import requests
from vedette.ui.pager import Page
from vedette.wire.finding import Severity

PAGE = "/findings/"
DAY = 86_400.0
ACCEPTED = {"30": "30 days", "90": "90 days", "365": "a year"}
_FIRST, _ROWS, _UNDONE, _OFFERED = 5, 50, 50, 6


class Row(msgspec.Struct, frozen=True):
    """A finding as a list shows it."""

    one: Known
    href: str
    name: str
    tone: str
    target: str
    owner: str
    late: bool


class Chip(msgspec.Struct, frozen=True):
    """A way to narrow the list: its word, how many there are, where it leads, whether it is chosen."""

    text: str
    count: int | None
    href: str
    on: bool


@require_safe
@needs(Verb.FINDING_READ)
def findings(request: Request) -> HttpResponse:
    """Answer: what must be fixed this week? Then everything, the worst first."""
    now, asked = _now(), _asked(request)
    said, week = service.stands(now, _FIRST)
    states = service.counts("state", Asked())
    found, cursor = service.findings(asked, request.GET.get("cursor") or None, _ROWS)
    context = {
        "verdict": said,
        "week": _rows(week.findings, now), "left": max(0, week.count - _FIRST), "rows": _rows(found, now), "page": Page(found, cursor),
        "lives": _lives(asked, states), "severities": _severities(asked), "scanners": _scanners(asked), "projects": _projects(asked),
        "places": [*_hosts(asked, found), *_targets(asked, found)],
        "asked": asked, "narrowed": asked != Asked(), "may_write": may(request.actor, Verb.FINDING_WRITE).allowed,
        "people": accounts.user_refs().values(), "here": request.get_full_path(), "accepted": ACCEPTED.items(),
        "hidden": [(key, value) for key, value in _query(asked).items() if key != "q"], "nothing": not states,
    }  # fmt: skip
    return render(request, "scans/findings.html", context)


@require_safe
@needs(Verb.FINDING_READ)
def finding(request: Request, number: int) -> HttpResponse:
    """Show one finding: what, where, why, how to fix it, and what became of it."""
    now, one = _now(), service.finding(number)
    tone, word = verdict.LIVES[one.life]
    context = {
        "one": one, "found": one.finding, "row": _rows([one], now)[0], "life_tone": tone, "life_word": word,
        "why_here": ranking.why(one.finding), "lines": service.history(number), "alike": _rows(service.alike(one), now),
        "may_write": may(request.actor, Verb.FINDING_WRITE).allowed, "people": accounts.user_refs().values(),
        "accepted": ACCEPTED.items(), "here": request.get_full_path(),
    }  # fmt: skip
    return render(request, "scans/finding.html", context)


@require_POST
@needs(Verb.FINDING_WRITE)
def act(request: Request) -> HttpResponse:
    """Accept, call false, open again or give away what was chosen."""
    ids = [
        int(one) for one in request.POST.getlist("ids") if one.isascii() and one.isdecimal() and len(one) < 16
    ]
    try:
        said, undo = _acted(request, ids) if ids else ("", "")
    except (Invalid, NotFound) as error:
        messages.error(request, str(error))
    else:
        if said:
            messages.success(request, said, extra_tags=undo)
        else:
            messages.warning(request, "Nothing was selected. Tick findings first.")
    return HttpResponseRedirect(requests.back(request, PAGE))


@require_POST
@needs(Verb.FINDING_WRITE)
def reopen(request: Request, ids: str) -> HttpResponse:
    """Open findings again: the undo of accepting them and of calling them false."""
    chosen = [int(one) for one in ids.split(",") if one.isascii() and one.isdecimal() and len(one) < 16]
    try:
        n = service.reopen(request.actor, chosen, _now())
        messages.success(request, f"{_several(n)} open again.")
    except (Invalid, NotFound) as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(requests.back(request, PAGE))


@require_POST
@needs(Verb.FINDING_WRITE)
def note(request: Request, number: int) -> HttpResponse:
    """Write a line into a finding's history."""
    try:
        service.note(request.actor, number, request.POST.get("text", ""), _now())
    except Invalid as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(f"{PAGE}{number}/")


def _acted(request: Request, ids: Sequence[int]) -> tuple[str, str]:
    """Do what is asked and return what is said of it, and where to undo it."""
    asked, reason, now = request.POST.get("act", ""), request.POST.get("reason", ""), _now()
    undo = f"{PAGE}reopen/{','.join(map(str, ids))}/" if len(ids) <= _UNDONE else ""
    if asked == "accept":
        days = request.POST.get("days", "30")
        until = now + float(days if days in ACCEPTED else "30") * DAY
        n = service.accept(request.actor, ids, reason, until, now)
        return f"{_several(n)} accepted for {ACCEPTED.get(days, '30 days')}.", undo if n else ""
    if asked == "false":
        n = service.mark_false(request.actor, ids, reason, now)
        return (
            f"{_several(n)} no weakness, and stays quiet."
            if n == 1
            else f"{_several(n)} no weaknesses, and stay quiet.",
            undo,
        )
    if asked == "reopen":
        return f"{_several(service.reopen(request.actor, ids, now))} open again.", ""
    if asked == "assign":
        who = request.POST.get("who", "")
        n = service.assign(request.actor, ids, int(who) if who.isdecimal() and len(who) < 10 else None, now)
        return f"{_several(n)} given to {'somebody' if who else 'nobody'}.", ""
    raise Invalid("Nothing of this kind can be done with findings.")


def _several(n: int) -> str:
    return "1 finding is" if n == 1 else f"{n:,} findings are"


def _asked(request: Request) -> Asked:
    get = request.GET
    life, severity = get.get("state", ""), get.get("severity", "")
    return Asked(
        life=Life(life) if life in {one.value for one in Life} else Life.OPEN,
        severity=Severity(severity) if severity in {one.value for one in Severity} else None,
        scanner=get.get("scanner", "")[:20], project=_number(get.get("project")), host=_number(get.get("host")),
        target=_number(get.get("target")), owner=_number(get.get("owner")), check=get.get("check", "")[:120], text=get.get("q", "")[:100],
    )  # fmt: skip


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else None


def _query(asked: Asked) -> dict[str, str]:
    told = {
        "state": "" if asked.life is Life.OPEN else asked.life.value, "severity": asked.severity or "", "scanner": asked.scanner,
        "project": asked.project, "host": asked.host, "target": asked.target, "owner": asked.owner, "check": asked.check, "q": asked.text,
    }  # fmt: skip
    return {key: str(value) for key, value in told.items() if value not in {None, ""}}


def _href(asked: Asked) -> str:
    query = urlencode(_query(asked))
    return f"{PAGE}?{query}" if query else PAGE


def _lives(asked: Asked, states: Mapping[str, int]) -> list[Chip]:
    return [
        Chip(verdict.LIVES[one][1], states.get(one.value, 0), _href(msgspec.structs.replace(asked, life=one)), asked.life is one)
        for one in Life
    ]  # fmt: skip


def _severities(asked: Asked) -> list[Chip]:
    counts = service.counts("severity", asked)
    chips = [
        Chip(one.value.capitalize(), counts[str(n)], _href(msgspec.structs.replace(asked, severity=one)), asked.severity is one)
        for one, n in BANDS.items() if str(n) in counts
    ]  # fmt: skip
    return _with_all(
        "Any severity", chips, msgspec.structs.replace(asked, severity=None), asked.severity is None
    )


def _scanners(asked: Asked) -> list[Chip]:
    chips = [
        Chip(one, n, _href(msgspec.structs.replace(asked, scanner=one)), asked.scanner == one)
        for one, n in sorted(service.counts("scanner", asked).items())
    ]
    return _with_all("Any scanner", chips, msgspec.structs.replace(asked, scanner=""), not asked.scanner)


def _projects(asked: Asked) -> list[Chip]:
    names = {str(one.id): one.name for one in projects.projects()}
    chips = [
        Chip(names.get(one, "No project"), n, _href(msgspec.structs.replace(asked, project=int(one))), asked.project == int(one))
        for one, n in service.counts("project", asked).items()
    ]  # fmt: skip
    return _with_all(
        "Any project", chips, msgspec.structs.replace(asked, project=None), asked.project is None
    )


def _hosts(asked: Asked, found: Sequence[Known]) -> list[Chip]:
    """Return the hosts of what is shown to narrow by, the one that is chosen to widen again."""
    if asked.host is not None:
        name = service.hosts_of([asked.host]).get(asked.host, "a host that is gone")
        return [Chip(f"On {name} ×", None, _href(msgspec.structs.replace(asked, host=None)), True)]
    names = service.hosts_of({one.host for one in found if one.host})
    chips = [
        Chip(f"On {name}", None, _href(msgspec.structs.replace(asked, host=number)), False)
        for number, name in sorted(names.items(), key=lambda each: each[1])
    ]
    return chips[:_OFFERED]


def _targets(asked: Asked, found: Sequence[Known]) -> list[Chip]:
    """Return the targets of what is shown to narrow by where there are several, the one that is chosen to widen again."""
    if asked.target is not None:
        known = made.named([asked.target]).get(asked.target)
        name = known.name if known else "a target that is gone"
        return [Chip(f"In {name} ×", None, _href(msgspec.structs.replace(asked, target=None)), True)]
    names = {number: one.name for number, one in service.targets_of(found).items() if not one.host}
    chips = [
        Chip(f"In {name}", None, _href(msgspec.structs.replace(asked, target=number)), False)
        for number, name in sorted(names.items(), key=lambda each: each[1])
    ]
    return chips[:_OFFERED] if len(chips) > 1 else []


def _with_all(word: str, chips: list[Chip], wide: Asked, chosen: bool) -> list[Chip]:
    return [Chip(word, None, _href(wide), chosen), *chips] if len(chips) > 1 or not chosen else []


def _rows(found: Sequence[Known], now: float) -> list[Row]:
    targets = service.targets_of(found)
    people = accounts.user_refs({one.owner for one in found if one.owner})
    return [
        Row(
            one, f"{PAGE}{one.id}/", one.name, verdict.TONES[one.severity],
            targets[one.target].name if one.target in targets else "a target that is gone",
            people[one.owner].name if one.owner in people else "", one.life is Life.OPEN and (one.due_at or now) < now,
        )
        for one in found
    ]  # fmt: skip


def _now() -> float:
    return ports().clock.now()
