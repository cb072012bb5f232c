"""The verbs of errors."""

from collections.abc import Iterator, Mapping, Sequence

from vedette.accounts.permissions import Actor
from vedette.errors.types import (
    Action,
    Done,
    Entry,
    EventPage,
    EventPlace,
    Issue,
    IssuePage,
    Overview,
    Sort,
    Tag,
)
from vedette.plumbing.log.port import Message


def digest(messages: Sequence[Message], now: float) -> int:
    """Turn deliveries into events and issues; return how many events counted.

    One transaction with its signals and its high-water mark: handing in the same messages again changes
    nothing. A message that cannot be read becomes an event that says so. Raises `Unavailable` when a store
    cannot be written; nothing is then done and the messages may be handed in again.
    """
    raise NotImplementedError


def issues(
    query: str = "",
    project: str | None = None,
    sort: Sort | str = Sort.WORST,
    cursor: str | None = None,
    n: int = 50,
) -> IssuePage:
    """Return a page of issues; `project` is a slug. Raises `QueryProblem` (points at the word) and `NotFound`."""
    raise NotImplementedError


def counts(project: str | None = None) -> Mapping[str, int]:
    """Return how many issues are open, new, regressed, muted, resolved (the values of `is:`)."""
    raise NotImplementedError


def trends(
    issues: Sequence[Issue], end: float, step: float = 3600.0, n: int = 24
) -> Mapping[int, tuple[int, ...]]:
    """Return, by issue id, the counts of the `n` buckets of `step` seconds that end with the one `end` is in."""
    raise NotImplementedError


def issue(short_id: str) -> Issue:
    """Return an issue by its human key, whatever its case; raises `NotFound`."""
    raise NotImplementedError


def latest(project_id: int) -> Issue | None:
    """Return the issue of a project that was seen last; None before its first event."""
    raise NotImplementedError


def event(issue: Issue, which: str = "latest") -> EventPlace:
    """Return one event of an issue: `latest`, `oldest`, or the start of its id; raises `NotFound`."""
    raise NotImplementedError


def find_event(event_id: str) -> tuple[Issue, EventPlace]:
    """Return an event by its full id and the issue it belongs to; raises `NotFound`."""
    raise NotImplementedError


def events(issue: Issue, cursor: str | None = None, n: int = 50) -> EventPage:
    """Return a page of an issue's events, newest first."""
    raise NotImplementedError


def tags(issue: Issue, n: int = 10) -> tuple[Tag, ...]:
    """Return an issue's tags with their `n` most frequent values, the tags most events carry first."""
    raise NotImplementedError


def chart(
    issue: Issue | None, start: float, end: float, step: float, project: int | None = None
) -> tuple[int, ...]:
    """Return event counts in buckets of `step` seconds from `start` on; of all issues when it is None.

    By the minute for the last 48 hours, by the hour before.
    """
    raise NotImplementedError


def history(issue: Issue, n: int = 200) -> tuple[Entry, ...]:
    """Return what happened to an issue and what people said, newest first."""
    raise NotImplementedError


def act(actor: Actor, short_ids: Sequence[str], action: Action, now: float) -> Done:
    """Resolve, reopen, mute or assign one or many issues; those already so stay out of `changed`.

    History and audit are written in the same transaction. Raises `NotFound` for an unknown key, `Invalid` for a
    mute in the past or an unknown assignee, `Forbidden`.
    """
    raise NotImplementedError


def undo(actor: Actor, token: str, now: float) -> Done:
    """Take back an act; issues that changed since stay as they are. Raises `NotFound` for an unknown token."""
    raise NotImplementedError


def comment(actor: Actor, short_id: str, text: str, now: float) -> Entry:
    """Add a comment (1 to 4000 characters) to an issue's history."""
    raise NotImplementedError


def overview(now: float) -> Overview:
    """Return the state of errors in a few numbers."""
    raise NotImplementedError


def unmute_due(now: float) -> int:
    """Reopen the issues whose mute ended by time; return how many. Called every minute or so."""
    raise NotImplementedError


def drop_before(day: str, now: float) -> int:
    """Drop events older than a UTC day, and counts that nobody needs any more; issues stay with what they know."""
    raise NotImplementedError


def export_issues() -> Iterator[bytes]:
    """Return every issue as one line of JSON each, oldest first."""
    raise NotImplementedError


def export_events(start: float, end: float) -> Iterator[bytes]:
    """Return the events received in `start` <= t < `end` as one line of JSON each, by issue."""
    raise NotImplementedError
