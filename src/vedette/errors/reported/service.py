"""The verbs of browsers' reports: note them while events are counted, list them, and propose the policy they justify."""

from collections.abc import Iterable, Sequence

from vedette.core.errors import Invalid
from vedette.errors.reported import browsers, proposing, store
from vedette.errors.reported.store import Key, Sum
from vedette.errors.reported.types import KnownPolicy, Proposal, ReportLine
from vedette.errors.reports import ReportNote
from vedette.errors.tallying import Digested
from vedette.projects import service as projects

KEPT_DAYS = 90
DAYS = 14
MOST = 200  # lines that are shown, and that a policy is proposed by
_DAY = 86_400.0


def note(counted: Iterable[Digested]) -> None:
    """Add the reports of a batch to their projects' books, in the caller's transaction."""
    books: dict[tuple[int, int], dict[Key, Sum]] = {}
    policies: dict[tuple[int, str], KnownPolicy] = {}
    for one in counted:
        if one.report is None:
            continue
        event, told = one.event, one.report
        _add(books.setdefault((event.project, int(event.received // _DAY)), {}), told, one)
        if told.policy:
            seen = policies.get((event.project, told.policy), KnownPolicy("", 0.0))
            policies[event.project, told.policy] = KnownPolicy(
                told.policy, max(seen.at, event.received), browsers.union(seen.browsers, _browser(one))
            )
    for (project, day), sums in books.items():
        store.add(project, day, sums)
    for (project, _), policy in policies.items():
        store.know(project, policy)


def _add(sums: dict[Key, Sum], told: ReportNote, one: Digested) -> None:
    at = one.event.received
    found = sums.setdefault((told.kind, told.what, told.source), Sum(told.page, at, at))
    found.page = told.page or found.page
    found.n, found.watched, found.weight = (
        found.n + 1,
        found.watched + told.watched,
        found.weight + told.weight,
    )
    found.first_at, found.last_at = min(found.first_at, at), max(found.last_at, at)
    found.browsers = browsers.union(found.browsers, _browser(one))


def _browser(one: Digested) -> bytes:
    return browsers.of(one.user[0] if one.user else 0)


def lines(slug: str, days: int, now: float) -> tuple[ReportLine, ...]:
    """Return what a project's browsers reported in the last days (today is one): the most frequent `MOST`, in that order; raises `NotFound`, `Invalid`."""
    return tuple(store.lines(projects.project(slug).id, _first_day(days, now))[:MOST])


def reporting(days: int, now: float) -> dict[int, int]:
    """Return how many reports came in the last days, by project (its id)."""
    return dict(store.projects_with(_first_day(days, now)))


def propose(slug: str, days: int, now: float) -> Proposal:
    """Return the policy that a project's reports of the last days justify; raises `NotFound`, `Invalid`."""
    project = projects.project(slug)
    found: Sequence[ReportLine] = store.lines(project.id, _first_day(days, now))[:MOST]
    return proposing.propose(found, store.known(project.id), days)


def _first_day(days: int, now: float) -> int:
    if not 1 <= days <= KEPT_DAYS:
        raise Invalid(f"Reports are kept for {KEPT_DAYS} days.", {"days": f"From 1 to {KEPT_DAYS}."})
    return int(now // _DAY) - days + 1


def drop_old(now: float) -> int:
    """Forget the days that are not kept any more; return how many lines went."""
    return store.drop_before(_first_day(KEPT_DAYS, now))


projects.on_delete(store.forget_project)
