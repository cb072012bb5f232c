"""The page of one issue, the list of its events, and the page of one event."""

from collections.abc import Mapping

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import NotFound
from vedette.deploys import service as deploys
from vedette.deploys import signal as rollouts
from vedette.deploys.types import ROOM
from vedette.errors import service
from vedette.errors.present import crumbs, history
from vedette.errors.present import event as laying
from vedette.errors.present import issue as present
from vedette.errors.present import markdown as writing
from vedette.errors.types import Event, EventPlace, Issue, State, Tag
from vedette.errors.views import merging
from vedette.errors.views.acts import MUTES
from vedette.errors.views.common import Way, actor_of, head_of, link, now, people
from vedette.notify import service as notify
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.ui import charts, words

SHORT = 8
GROUPS = 5
SAMPLE = 10
GONE = "No event of this issue is kept any more; older ones were dropped after the retention time."
RANGES = {"24h": ("24 h", 86_400.0, 1_800.0), "30d": ("30 d", 30 * 86_400.0, 86_400.0)}
WAYS = (("telling", "Most telling"), ("latest", "Newest"), ("oldest", "First"))


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How often an issue happened over a time, as its chart shows it."""

    counts: tuple[int, ...]
    start: float
    step: float
    words: str
    sentence: str
    total: int
    hot: int | None
    marks: tuple[charts.Mark, ...]


class TagRow(msgspec.Struct, frozen=True):
    """A tag with its shares."""

    key: str
    top: str
    share: float
    shares: tuple[float, ...]
    values: tuple["TagShare", ...]


class TagShare(msgspec.Struct, frozen=True):
    """A value of a tag, and the search that finds it."""

    text: str
    count: int
    share: float
    query: str


@require_safe
@needs(Verb.ISSUE_READ)
def issue(request: HttpRequest, short_id: str) -> HttpResponse:
    """Show an issue: where it stands, how often it happens, what one event says, and what was done about it."""
    found = service.issue(short_id)
    if found.short_id != short_id:
        merging.note(request, short_id, found)
        return HttpResponseRedirect(request.get_full_path().replace(short_id, found.short_id, 1))
    head, tags, place = head_of(request, found), service.tags(found), _place(request, found)
    shown, folded = present.tell_apart(tags)
    told = service.history(found)
    thinned = service.thinned_out(found)
    context = {
        **_event_context(request, head, place, _which(request)), "markdown": _markdown(found, head, place.event) if place else "", "head": head, "here": request.get_full_path(),
        "reach": _reach(found, request), "thinned": thinned, "whole": max(0, found.events - thinned), "ranges": _range_ways(request),
        "environments": present.environments(tags), "tags": [_tag(tag) for tag in shown],
        "more_tags": [_tag(tag) for tag in folded],
        "why": {"sentence": present.why_sentence(found), "parts": found.parts},
        "jobs": service.jobs(now()), "groups": service.groups(found, n=GROUPS),
        "history": history.lines(told), "gone": GONE, "similar": service.similar(found),
        "escalated": history.escalated(told) if found.state is State.ESCALATING else "",
        "first_rollout": _rollout(found), "first_release_query": present.term("release", found.first_release), "last_release_query": present.term("release", found.last_release),
        "people": people().values(), "me_id": actor_of(request).id, "mutes": MUTES,
        "may_write": may(actor_of(request), Verb.ISSUE_WRITE).allowed,
        "follows": notify.follows(actor_of(request), found.short_id), "may_follow": bool(actor_of(request).id),
    }  # fmt: skip
    return render(request, "errors/issue.html", context)


@require_safe
@needs(Verb.EVENT_READ)
def events(request: HttpRequest, short_id: str) -> HttpResponse:
    """List the events of an issue, newest first."""
    found = service.issue(short_id)
    page = service.events(found, request.GET.get("cursor"))
    total = words.number(found.events)
    context = {
        "head": head_of(request, found), "page": page, "here": request.get_full_path(), "gone": GONE,
        "rows": [_row(found, kept) for kept in page.events],
        "sentence": f"{total} {'event' if found.events == 1 else 'events'} of {found.short_id}.",
    }  # fmt: skip
    return render(request, "errors/events.html", context)


@require_safe
@needs(Verb.EVENT_READ)
def events_json(request: HttpRequest, short_id: str) -> HttpResponse:
    """Return the events of an issue as JSON."""
    page = service.events(service.issue(short_id), request.GET.get("cursor"))
    body = msgspec.json.encode({"events": page.events, "cursor": page.cursor})
    return HttpResponse(body, content_type="application/json")


@require_safe
@needs(Verb.EVENT_READ)
def event(request: HttpRequest, short_id: str, event_id: str) -> HttpResponse:
    """Show one event of an issue."""
    found = service.issue(short_id)
    head = head_of(request, found)
    place = service.event(found, event_id)
    told = _markdown(found, head, place.event, _event_href(head, place.event.id))
    context = {"head": head, "event_markdown": told, **_event_context(request, head, place)}
    return render(request, "errors/event.html", context)


@require_safe
@needs(Verb.EVENT_READ)
def event_json(_: HttpRequest, short_id: str, event_id: str) -> HttpResponse:
    """Return what is stored of one event, as JSON."""
    kept = service.event(service.issue(short_id), event_id).event
    body = msgspec.json.format(msgspec.json.encode(kept.data), indent=2)
    return HttpResponse(body, content_type="application/json")


@require_safe
@needs(Verb.ISSUE_READ)
def markdown(request: HttpRequest, short_id: str) -> HttpResponse:
    """Return an issue as Markdown, in plain text."""
    found = service.issue(short_id)
    place = _place(request, found)
    if place is None:
        raise NotFound(GONE)
    return _plain(_markdown(found, head_of(request, found), place.event))


@require_safe
@needs(Verb.EVENT_READ)
def event_markdown(request: HttpRequest, short_id: str, event_id: str) -> HttpResponse:
    """Return one event of an issue as Markdown, in plain text."""
    found = service.issue(short_id)
    head, kept = head_of(request, found), service.event(found, event_id).event
    return _plain(_markdown(found, head, kept, _event_href(head, kept.id)))


def _plain(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _place(request: HttpRequest, found: Issue) -> EventPlace | None:
    """Return the event the page was asked for, the most telling of the newest ones by default; None when all are gone."""
    which = _which(request)
    try:
        if which == "telling":
            chosen = present.telling(service.events(found, None, SAMPLE).events)
            if chosen is None:
                return None
            # In a flood the newest may all be kept without details; the first of an issue never is.
            return service.event(found, chosen.id if chosen.data else "oldest")
        return service.event(found, which)
    except NotFound:
        return None


def _which(request: HttpRequest) -> str:
    return request.GET.get("event", "telling")


def _event_context(
    request: HttpRequest, head: present.Head, place: EventPlace | None, which: str = ""
) -> dict[str, object]:
    """Return what the event's part of a page needs; `which` marks the way the event was chosen by."""
    if place is None:
        return {"layout": None}
    kept, layout = place.event, laying.lay_out(place.event.data, place.event.at, place.event.tags)
    oldest_first = request.GET.get("crumbs") == "oldest"
    steps = tuple(reversed(layout.crumbs)) if oldest_first else layout.crumbs
    return {
        "layout": layout, "notes": kept.notes, "attachments": service.attachments(kept), "feedback": service.feedback(kept), "event_at": kept.at, "event_short": kept.id[:SHORT],
        "event_href": _event_href(head, kept.id),
        "older": _event_href(head, place.older), "newer": _event_href(head, place.newer),
        "ways": [Way(text, f"{head.href}?event={key}#event", key == which) for key, text in WAYS],
        "oldest_first": oldest_first, "crumbs_head": steps[: crumbs.FIRST], "crumbs_tail": steps[crumbs.FIRST :],
        "crumbs_newest": f"{link(request, crumbs=None)}#crumbs", "crumbs_oldest": f"{link(request, crumbs='oldest')}#crumbs",
    }  # fmt: skip


def _event_href(head: present.Head, event_id: str | None) -> str:
    return f"{head.href}events/{event_id[:SHORT]}/" if event_id else ""


def _markdown(found: Issue, head: present.Head, kept: Event, href: str = "") -> str:
    """Return an issue with one of its events as Markdown; it links to `href`, the issue's page by default."""
    layout = laying.lay_out(kept.data, kept.at, kept.tags)
    told = writing.Head(
        head.key, head.title, head.message, head.culprit, f"{ports().settings.public_url}{href or head.href}",
        f"{head.events} events, {head.users} users. {head.standing.word}.", present.why_sentence(found), kept.tags,
    )  # fmt: skip
    return writing.markdown(told, layout)


def _reach(found: Issue, request: HttpRequest) -> Reach:
    name = request.GET.get("range", "24h")
    span_words, span, step = RANGES.get(name, RANGES["24h"])
    end = (now() // step + 1) * step
    start = end - span
    counts = service.chart(found, start, end, step)
    return Reach(
        counts=counts, start=start, step=step, words=span_words, total=sum(counts),
        sentence=present.chart_words(counts, span_words), hot=present.hot_from(counts),
        marks=_marks(found, start, end),
    )  # fmt: skip


def _rollout(found: Issue) -> Mapping[str, str]:
    """Return how long before its first event an issue's release went out, and the page of that version."""
    owner = projects.project(found.project)
    rollout = deploys.before(owner, found.first_seen, found.first_release)
    if rollout is None:
        return {}
    return {
        "name": rollout.version, "words": rollouts.before(rollout, found.first_seen),
        "href": rollouts.link(rollout.version, owner.slug),
    }  # fmt: skip


def _marks(found: Issue, start: float, end: float) -> tuple[charts.Mark, ...]:
    """Return what happened meanwhile: everything of other rooms, and what befell this issue."""
    told = signals.moments(start, end, project=found.project, n=50)
    ours = [m for m in told if m.room not in {"errors", ROOM} or m.subject == found.short_id]
    others = tuple(
        charts.Mark((m.at - start) / (end - start), words_of(m.kind), note=m.text) for m in ours[:6]
    )
    return deploys.marks(start, end, found.project, n=6) + others


def words_of(kind: str) -> str:
    """Return the last word of a moment's kind: `issue.regressed` reads regressed."""
    return kind.rpartition(".")[2].replace("_", " ")


def _range_ways(request: HttpRequest) -> list[Way]:
    on = request.GET.get("range", "24h")
    return [Way(text, link(request, range=key), key == on) for key, (text, _, _) in RANGES.items()]


def _tag(tag: Tag) -> TagRow:
    values = tuple(TagShare(v.value, v.count, v.share, present.term(tag.key, v.value)) for v in tag.values)
    top = values[0] if values else TagShare("", 0, 0.0, "")
    return TagRow(tag.key, top.text, top.share, tuple(v.share for v in values), values)


def _row(found: Issue, kept: Event) -> Mapping[str, object]:
    return {
        "href": f"{present.href_of(found.short_id)}events/{kept.id[:SHORT]}/", "short": kept.id[:SHORT], "at": kept.at,
        "text": kept.message or kept.title, "release": kept.release, "environment": kept.environment,
        "user": laying.user_name(kept.data.get("user")),
    }  # fmt: skip
