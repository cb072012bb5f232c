"""The events of issues, as telemetry keeps them, and the lists of issues around them."""

import functools
from collections.abc import Callable, Mapping, Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.core.errors import Invalid, NotFound
from vedette.errors import query as language
from vedette.errors import shortid
from vedette.errors.query import Known
from vedette.errors.store import counting, groups, listing, tagging
from vedette.errors.store import issues as store
from vedette.errors.types import (
    KIND,
    Event,
    EventPage,
    EventPlace,
    Issue,
    IssuePage,
    Query,
    Sort,
    Spoken,
    Tag,
    TagValue,
    Term,
)
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports
from vedette.plumbing.telemetry import days
from vedette.plumbing.telemetry.port import Record, Span
from vedette.projects import service as projects
from vedette.projects.types import Project

_DECODE = msgspec.json.Decoder(Event).decode
_SHORTEST_ID = 6
_SECONDS = 2.0
_MOST_NUMBER = 2**31


class Asked(msgspec.Struct, frozen=True):
    """What a list of issues is asked for: a search, the slug of a project, the order, and who `me` is (an id)."""

    query: str = ""
    project: str | None = None
    sort: Sort | str = Sort.WORST
    me: int | None = None


def by_id() -> dict[int, Project]:
    """Return the projects by id."""
    return {project.id: project for project in projects.projects()}


def page(asked: Asked, cursor: str | None, n: int) -> IssuePage:
    """Return a page of issues; see `service.issues`."""
    known = by_id()
    only = projects.project(asked.project).id if asked.project else None
    query = understood(asked.query, asked.me)
    with sql.reading(_SECONDS):
        found, following = listing.page(
            query, known, project=only, sort=_sort(asked.sort), cursor=cursor, n=max(1, min(n, 500)),
            now=ports().clock.now(),
        )  # fmt: skip
    return IssuePage(tuple(found), following)


def _sort(sort: Sort | str) -> Sort:
    try:
        return Sort(sort)
    except ValueError:
        raise Invalid(f"Issues are sorted by {', '.join(Sort)}, not {sort!r}.", {"sort": "unknown"}) from None


def understood(text: str, me: int | None = None) -> Query:
    """Return the search of a text, its people turned into ids; raises `QueryProblem`."""
    people = functools.cache(_people)
    known = Known(tags=functools.cache(tagging.names), people=people, me=me is not None)
    return Query(tuple(_with_id(term, people, me) for term in language.parse(text, known).terms))


def _people() -> Mapping[str, int]:
    """Return the ids of people by everything they are called by: whole name, first name, e-mail."""
    refs = accounts.user_refs().values()
    return {name.lower(): ref.id for ref in refs for name in (ref.name.split(" ")[0], ref.name, ref.email)}


def _with_id(term: Term, people: Callable[[], Mapping[str, int]], me: int | None) -> Term:
    if term.key != "assignee":
        return term
    if term.value == "none":
        return Term("is", "unassigned", term.negated)
    if term.value == "me":
        return msgspec.structs.replace(term, value=str(me))
    return term if term.value.isdecimal() else msgspec.structs.replace(term, value=str(people()[term.value]))


def issue(short_id: str) -> Issue:
    """Return an issue by its key, or the one it was merged into; raises `NotFound`."""
    named = shortid.parse(short_id)
    project = next((p for p in projects.projects() if named and p.slug == named[0]), None)
    found = listing.by_number(project, named[1]) or _merged(project, named[1]) if named and project else None
    if found is None:
        raise NotFound(f"There is no issue {short_id[:60]}; it may have been deleted with its project.")
    return found


def _merged(project: Project, number: int) -> Issue | None:
    """Return the issue into which the one with this number was merged."""
    owner = groups.owner(project.id, number) if number < _MOST_NUMBER else None
    return listing.by_id([owner], {project.id: project}).get(owner) if owner is not None else None


def latest(project_id: int) -> Issue | None:
    """Return the issue of a project that was seen last."""
    last = store.last_of(project_id)
    return listing.by_id([last], by_id()).get(last) if last is not None else None


def event(issue: Issue, which: str) -> EventPlace:
    """Return one event of an issue and its neighbours; raises `NotFound`."""
    keys, span = store.newest_hashes(issue.id), _span(issue)
    record = _record(issue, which, keys, span)
    if record is None:
        raise NotFound(
            f"{issue.short_id} has no event {which[:40]} any more; events are dropped when retention ends."
        )
    return _placed(record, keys, span)


def _record(issue: Issue, which: str, keys: Sequence[bytes], span: Span) -> Record | None:
    telemetry = ports().telemetry
    if which in {"latest", "oldest"}:
        found = telemetry.list(KIND, keys, span, 1, newest_first=which == "latest").records
        return found[0] if found else None
    prefix = which.replace("-", "").lower()
    if len(prefix) < _SHORTEST_ID or not set(prefix) <= set("0123456789abcdef"):
        raise NotFound(f"{issue.short_id} has no event {which[:40]}; name it by 6 digits of its id or more.")
    return telemetry.find(KIND, prefix, keys, span)


def _placed(record: Record, keys: Sequence[bytes], span: Span) -> EventPlace:
    cursor = days.to_cursor(record)
    older = ports().telemetry.list(KIND, keys, Span(span.start, record.at + 1), 1, cursor).records
    newer = (
        ports().telemetry.list(KIND, keys, Span(record.at, span.end), 1, cursor, newest_first=False).records
    )
    return EventPlace(
        read(record), older[0].id.hex() if older else None, newer[0].id.hex() if newer else None
    )


def find_event(event_id: str) -> tuple[Issue, EventPlace]:
    """Return an event by its id and its issue; raises `NotFound`."""
    bare = event_id.replace("-", "").lower()
    record = ports().telemetry.get(KIND, bytes.fromhex(bare)) if _is_id(bare) else None
    issue_id = store.of_hash(record.key) if record else None
    found = listing.by_id([issue_id], by_id()).get(issue_id) if issue_id is not None else None
    if record is None or found is None:
        raise NotFound(f"There is no event {event_id[:40]}.")
    return found, _placed(record, store.newest_hashes(found.id), _span(found))


def _is_id(text: str) -> bool:
    return len(text) == 32 and set(text) <= set("0123456789abcdef")


def events(issue: Issue, cursor: str | None, n: int) -> EventPage:
    """Return a page of an issue's events, newest first."""
    found = ports().telemetry.list(
        KIND, store.newest_hashes(issue.id), _span(issue), max(1, min(n, 500)), cursor
    )
    return EventPage(tuple(read(record) for record in found.records), found.cursor)


def read(record: Record) -> Event:
    """Return the event of a record."""
    return _DECODE(record.body)


def _span(issue: Issue) -> Span:
    return Span(issue.first_seen, issue.last_seen + 1.0)


def tags(issue: Issue, n: int) -> tuple[Tag, ...]:
    """Return an issue's tags with their `n` most frequent values."""
    found: dict[str, list[tuple[str, int, float]]] = {}
    for key, value, count, last in tagging.rows(issue.id):
        found.setdefault(key, []).append((value, count, last))
    made = [_tag(key, rows, n) for key, rows in found.items()]
    return tuple(sorted(made, key=lambda tag: (-tag.total, tag.key)))


def spoken(start: float, end: float, n: int) -> tuple[Spoken, ...]:
    """Return what the busiest issues said; see `service.spoken`."""
    counted = [(issue, events) for issue, events in counting.totals(start, end) if issue > 0]
    busy = sorted(counted, key=lambda pair: -pair[1])[:n]
    named = listing.by_id([issue for issue, _ in busy], by_id())
    found = [(named[issue], events) for issue, events in busy if issue in named]
    return tuple(Spoken(one.project, one.short_id, one.message or one.title, events) for one, events in found)


def _tag(key: str, rows: Sequence[tuple[str, int, float]], n: int) -> Tag:
    total = sum(count for _, count, _ in rows)
    named = [row for row in rows if row[0] != tagging.OTHER][:n]
    values = tuple(TagValue(value, count, count / total, last) for value, count, last in named)
    return Tag(key, total, values, total - sum(value.count for value in values))
