"""The verbs of errors."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

import msgspec

from vedette.accounts.permissions import Actor
from vedette.core.clock import day_start
from vedette.errors import (
    acting,
    attaching,
    digesting,
    finding,
    joining,
    measuring,
    reading,
    working,
)
from vedette.errors.alike import service as alike
from vedette.errors.alike.types import Similar
from vedette.errors.origins import store as origins
from vedette.errors.reported import service as reported
from vedette.errors.reported.types import Proposal
from vedette.errors.saved import service as saved
from vedette.errors.saved.types import SavedSearch, SearchDraft
from vedette.errors.scrubbing import Scrubber
from vedette.errors.shape import Draft
from vedette.errors.store import counting, listing, story, thinned
from vedette.errors.store import issues as store
from vedette.errors.sweep.types import Whole
from vedette.errors.types import (
    KIND,
    Action,
    Attached,
    Done,
    Entry,
    Event,
    EventPage,
    EventPlace,
    GroupPage,
    Issue,
    IssuePage,
    Job,
    Overview,
    Said,
    Sort,
    Spoken,
    State,
    Tag,
)
from vedette.notify import service as notify
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import ports
from vedette.plumbing.telemetry.port import Span
from vedette.projects import service as projects
from vedette.projects.types import ScrubRules
from vedette.wire.tolerant import Json

_HOUR, _DAY = 3_600.0, 86_400.0
_WORST, _BUSIEST = 5, 5
_LINE = msgspec.json.Encoder().encode


def digest(messages: Sequence[Message], now: float) -> int:
    """Turn deliveries into events and issues; return how many events counted.

    One transaction with its signals and its high-water mark: handing in the same messages again changes
    nothing. A message that cannot be read becomes an event that says so. Raises `Unavailable` when a store
    cannot be written; nothing is then done and the messages may be handed in again.
    """
    return digesting.digest(messages, now)


def masked(value: Json) -> Json:
    """Return JSON without what the built-in rules take for secrets; it is changed in place."""
    draft = Draft({"value": value})
    Scrubber(ScrubRules()).scrub(draft)
    return draft.data["value"]


def issues(
    query: str = "",
    project: str | None = None,
    sort: Sort | str = Sort.WORST,
    cursor: str | None = None,
    n: int = 50,
    *,
    me: int | None = None,
) -> IssuePage:
    """Return a page of issues; `project` is a slug, `me` the id of the user whom `assigned:me` means.

    Raises `QueryProblem` (points at the word) and `NotFound`.
    """
    return reading.page(reading.Asked(query, project, sort, me), cursor, n)


def counts(project: str | None = None) -> Mapping[str, int]:
    """Return how many issues are open, new, regressed, escalating, muted, resolved (the values of `is:`)."""
    found = listing.states(projects.project(project).id if project else None)
    opened = sum(found[state] for state in (State.NEW, State.REGRESSED, State.ESCALATING, State.ONGOING))
    return {"open": opened, **{str(state): n for state, n in found.items()}}


def trends(
    issues: Sequence[Issue], end: float, step: float = 3600.0, n: int = 24
) -> Mapping[int, tuple[int, ...]]:
    """Return, by issue id, the counts of the `n` buckets of `step` seconds that end with the one `end` is in."""
    if step == _HOUR:
        return counting.hourly([issue.id for issue in issues], end, n)
    start = (end // step + 1 - n) * step
    return {one.id: tuple(counting.buckets([one.id], start, start + n * step, step)) for one in issues}


def issue(short_id: str) -> Issue:
    """Return an issue by its human key, whatever its case; raises `NotFound`."""
    return reading.issue(short_id)


def follow(actor: Actor, short_id: str, now: float, *, on: bool) -> str:
    """Let a person follow an issue or no more, and return its key; raises `NotFound`, `Forbidden`."""
    key = reading.issue(short_id).short_id
    (notify.follow if on else notify.unfollow)(actor, key, now)
    return key


def find(text: str, n: int = 6) -> tuple[Issue, ...]:
    """Return issues for somebody who types: whose key begins so, else who have all the words (3 letters or more), begun.

    Worst first. Raises `Unavailable` when half a second was not enough.
    """
    return finding.find(text, n)


def searches(actor: Actor) -> tuple[SavedSearch, ...]:
    """Return the saved searches an actor sees, by name: their own, and those that are shared."""
    return saved.searches(actor)


def saved_search(actor: Actor, search_id: int) -> SavedSearch:
    """Return one saved search an actor sees; raises `NotFound`."""
    return saved.search(actor, search_id)


def save_search(actor: Actor, draft: SearchDraft, now: float) -> SavedSearch:
    """Save a search under a name; raises `Invalid`, `NotFound`, `Conflict`, and `Forbidden` for who may not share."""
    return saved.save(actor, draft, now)


def change_search(actor: Actor, search_id: int, draft: SearchDraft, now: float) -> SavedSearch:
    """Change a saved search of one's own, or, for administrators, a shared one; raises as `save_search` does."""
    return saved.change(actor, search_id, draft, now)


def delete_search(actor: Actor, search_id: int, now: float) -> None:
    """Delete a saved search of one's own, or, for administrators, a shared one."""
    saved.delete(actor, search_id, now)


def star_search(actor: Actor, search_id: int, now: float, *, on: bool = True) -> SavedSearch:
    """Begin with a saved search whenever the issues are opened, or no longer."""
    return saved.star(actor, search_id, now, on=on)


def latest(project_id: int) -> Issue | None:
    """Return the issue of a project that was seen last; None before its first event."""
    return reading.latest(project_id)


def event(issue: Issue, which: str = "latest") -> EventPlace:
    """Return one event of an issue: `latest`, `oldest`, or the start of its id; raises `NotFound`."""
    return reading.event(issue, which)


def find_event(event_id: str) -> tuple[Issue, EventPlace]:
    """Return an event by its full id and the issue it belongs to; raises `NotFound`."""
    return reading.find_event(event_id)


def events(issue: Issue, cursor: str | None = None, n: int = 50) -> EventPage:
    """Return a page of an issue's events, newest first."""
    return reading.events(issue, cursor, n)


def tags(issue: Issue, n: int = 10) -> tuple[Tag, ...]:
    """Return an issue's tags with their `n` most frequent values, the tags most events carry first."""
    return reading.tags(issue, n)


def chart(
    issue: Issue | None, start: float, end: float, step: float, project: int | None = None
) -> tuple[int, ...]:
    """Return event counts in buckets of `step` seconds from `start` on; of all issues when it is None.

    By the minute for the last 48 hours, by the hour before.
    """
    if issue is not None:
        return tuple(counting.buckets([issue.id], start, end, step))
    named = [project] if project is not None else [one.id for one in projects.projects()]
    return tuple(counting.buckets(counting.of_projects(named), start, end, step))


def history(issue: Issue, n: int = 200) -> tuple[Entry, ...]:
    """Return what happened to an issue and what people said, newest first."""
    return tuple(acting.entry(line) for line in story.of_issue(issue.id, n))


def act(actor: Actor, short_ids: Sequence[str], action: Action, now: float) -> Done:
    """Resolve, reopen, mute or assign one or many issues; those already so stay out of `changed`.

    History and audit are written in the same transaction. Raises `NotFound` for an unknown key, `Invalid` for a
    mute in the past or an unknown assignee, `Forbidden`.
    """
    return acting.act(actor, short_ids, action, now)


def act_on_all(actor: Actor, whole: Whole, action: Action, now: float) -> Done:
    """Resolve, reopen, mute or assign every issue that meets a search now, in a job (see `job`); 100,000 at most.

    Issues that come to match later stay as they are, and so do those that something else happens to before their
    turn. Raises `QueryProblem`, `NotFound`, `Forbidden`, and `Invalid` also when nothing matches.
    """
    return working.act_on_all(actor, whole, action, now)


def merge_all(actor: Actor, whole: Whole, now: float) -> Done:
    """Merge every issue that meets a search, 10,000 at most, into the oldest of them, in a job; raises as `merge` does."""
    return working.merge_all(actor, whole, now)


def undo(actor: Actor, token: str, now: float) -> Done:
    """Take back an act; issues that changed since stay as they are. Raises `NotFound` for an unknown token."""
    return working.undo(actor, token, now)


def merge(actor: Actor, short_ids: Sequence[str], into: str, now: float) -> Done:
    """Merge issues of a project: the one named by `into` (with "", the oldest) remains, and takes what comes.

    The others become its groups, and their keys lead to it. Raises `NotFound` for an unknown key, `Invalid` for
    fewer than two issues or those of several projects, `Forbidden`. More than 100 go into a job (see `job`).
    """
    return working.merge(actor, short_ids, into, now)


def job(job_id: str) -> Job:
    """Return how far an act on many issues is; raises `NotFound`."""
    return working.find(job_id)


def jobs(now: float) -> tuple[Job, ...]:
    """Return the acts on many issues that are under way, and those that ended in the last ten minutes."""
    return working.recent(now)


def work(now: float, seconds: float = 2.0) -> int:
    """Go on with acts on many issues for about so long; return how many pieces were done.

    Called when `JOBS_TOPIC` is woken, which it also is as long as something is left, and every half minute or so.
    """
    return working.work(now, seconds)


def groups(issue: Issue, cursor: str | None = None, n: int = 20) -> GroupPage:
    """Return a page of the groups a merged issue consists of; empty when nothing was merged into it."""
    return joining.page(issue.id, issue.project_slug, cursor, max(1, min(n, 100)))


def split(actor: Actor, short_id: str, group_keys: Sequence[str], now: float) -> Done:
    """Make issues of groups of a merged issue again: with their own keys, all their counts, and what comes for them.

    Raises `NotFound` for a key that is no group of it (its own cannot be split off), `Forbidden`.
    """
    return joining.split(actor, short_id, group_keys, now)


def similar(issue: Issue) -> tuple[Similar, ...]:
    """Return at most ten issues of the project that are most like one, the worst of them first."""
    return alike.similar(issue)


def remember_likeness() -> int:
    """Learn what some of the issues from before `similar` are like; return how many. Called every few seconds."""
    return alike.catch_up()


def comment(actor: Actor, short_id: str, text: str, now: float) -> Entry:
    """Add a comment (1 to 4000 characters) to an issue's history."""
    return acting.comment(actor, short_id, text, now)


def attachments(event: Event) -> Sequence[Attached]:
    """Return the files that came with an event, in order of arrival."""
    return attaching.attachments(event)


def open_attachment(event: Event, attachment_id: int) -> tuple[Attached, BinaryIO]:
    """Return one file of an event, open for reading; raises `NotFound` when it has none or the file is gone."""
    return attaching.opened(event, attachment_id)


def feedback(event: Event) -> Sequence[Said]:
    """Return what users wrote about an event, in order of arrival."""
    return attaching.feedback(event)


def thinned_out(issue: Issue) -> int:
    """Return how many of an issue's events spike protection kept without their details."""
    return thinned.count(issue.id)


def make_room() -> int:
    """Let the oldest attachments go when `attachments_max_bytes` is nearly used up; return how many went."""
    return attaching.make_room(ports().settings.attachments_max_bytes)


def spoken(start: float, end: float, n: int) -> tuple[Spoken, ...]:
    """Return what the `n` busiest issues of `start` <= t < `end` said last, with their events of that time."""
    return reading.spoken(start, end, n)


def overview(now: float) -> Overview:
    """Return the state of errors in a few numbers."""
    found = counts()
    hours = chart(None, (now // _HOUR - 23) * _HOUR, (now // _HOUR + 1) * _HOUR, _HOUR)
    week = chart(None, (now // _HOUR - 168) * _HOUR, now // _HOUR * _HOUR, _HOUR)
    busy = counting.busiest(now - _HOUR, _BUSIEST)
    named = listing.by_id([one for one, _ in busy], reading.by_id())
    return Overview(
        open=found["open"],
        new=found["new"],
        regressed=found["regressed"],
        escalating=found["escalating"],
        last_hour=sum(chart(None, now - _HOUR, now, 60.0)),
        usual_hour=float(statistics.median(week)),
        hours=hours,
        worst=issues("is:open", n=_WORST).issues,
        busiest=tuple((named[one], n) for one, n in busy if one in named),
    )


def unmute_due(now: float) -> int:
    """Reopen the issues whose mute ended by time; return how many. Called every minute or so."""
    return acting.age(now)


def propose_policy(slug: str, days: int, now: float) -> Proposal:
    """Return the content policy that a project's reports of the last days justify; raises `NotFound`, `Invalid`."""
    return reported.propose(slug, days, now)


def drop_before(day: str, now: float) -> int:
    """Drop events older than a UTC day, and counts that nobody needs any more; return how many days went.

    Issues stay, with what they know.
    """
    gone = len(ports().telemetry.drop_before(day))
    attaching.drop_before(day)
    working.drop_old(now)
    counting.forget(now - counting.MINUTES_KEPT * 60, day_start(day))
    origins.forget_idle()
    reported.drop_old(now)
    return gone


def export_issues(project: str | None = None) -> Iterator[bytes]:
    """Return every issue, or those of a project (by slug), as one line of JSON each, oldest first."""
    only = projects.project(project).id if project else None
    for chunk in store.ids(only):
        found = listing.by_id(chunk, reading.by_id())
        yield from (_LINE(found[one]) for one in chunk if one in found)


def export_events(start: float, end: float, project: str | None = None) -> Iterator[bytes]:
    """Return the events received in `start` <= t < `end` as one line of JSON each, by issue."""
    only = projects.project(project).id if project else None
    for chunk in store.ids(only):
        for one in chunk:
            yield from _events_of(one, Span(start, end))


def _events_of(issue: int, span: Span) -> Iterator[bytes]:
    """Yield the events of an issue as JSON, oldest first."""
    keys, cursor = store.hashes(issue), None
    while True:
        page = ports().telemetry.list(KIND, keys, span, 200, cursor, newest_first=False)
        yield from (msgspec.json.format(record.body, indent=-1) for record in page.records)
        cursor = page.cursor
        if cursor is None:
            return


measuring.register()
projects.on_delete(thinned.forget_project)
projects.on_delete(store.forget_project)
projects.on_delete(origins.forget_project)
projects.on_delete(attaching.forget_project)
