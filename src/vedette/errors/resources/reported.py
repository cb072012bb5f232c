"""Browsers' reports and the policy they justify, in the REST API."""

from typing import Annotated

from ninja import Path, Query, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.errors.present import reported as present
from vedette.errors.reported import service
from vedette.errors.reported.types import ProposedSource, ReportLine
from vedette.plumbing.ports import ports

router = Router(tags=["reports"])
Slug = Annotated[str, Path(max_length=50, description="slug or id")]
Days = Annotated[int, Query(ge=1, le=service.KEPT_DAYS, description="the last days, today is one")]


class ReportLineOut(Schema):
    """What reports say about one thing; `failures` is how many they stand for, `browsers` about how many sent them."""

    text: str
    kind: str
    what: str
    source: str
    page: str
    reports: int
    only_told: int
    failures: int
    browsers: int
    first_seen: str
    last_seen: str


class ReportsOut(Schema):
    """The lines of the last days, the most frequent 200 first; `cursor` is always null, for there is one page."""

    items: list[ReportLineOut]
    cursor: str | None = None


class ProposedSourceOut(Schema):
    """A source that was looked at: whether it is in the policy, why, and what it rests on."""

    directive: str
    source: str
    added: bool
    reason: str
    reports: int
    browsers: int
    first_seen: str | None
    last_seen: str | None


class ProposalOut(Schema):
    """The policy that reports justify: as directives, as a header's text, and as TOML of the guard."""

    days: int
    base: str
    header: str
    toml: str
    directives: dict[str, list[str]]
    sources: list[ProposedSourceOut]


@router.get("/projects/{slug}/reports", response=ReportsOut, operation_id="list_reports")
@needs(Verb.ISSUE_READ)
def list_reports(request: Request, slug: Slug, days: Days = service.DAYS) -> ReportsOut:
    """List what the browsers of a project's visitors reported."""
    found = service.lines(slug, days, ports().clock.now())
    return ReportsOut(items=[_line(one) for one in found])


@router.get("/projects/{slug}/csp-proposal", response=ProposalOut, operation_id="propose_csp")
@needs(Verb.ISSUE_READ)
def propose_csp(request: Request, slug: Slug, days: Days = service.DAYS) -> ProposalOut:
    """Return the content security policy that a project's reports justify, each source with its evidence."""
    found = service.propose(slug, days, ports().clock.now())
    return ProposalOut(
        days=found.days, base=found.base, header=found.header, toml=found.toml,
        directives={name: list(sources) for name, sources in found.directives.items()},
        sources=[_source(one) for one in found.sources],
    )  # fmt: skip


def _line(one: ReportLine) -> ReportLineOut:
    return ReportLineOut(
        text=present.text(one), kind=one.kind, what=one.what, source=one.source, page=one.page, reports=one.n,
        only_told=one.watched, failures=round(one.weight), browsers=one.browsers, first_seen=iso(one.first_at),
        last_seen=iso(one.last_at),
    )  # fmt: skip


def _source(one: ProposedSource) -> ProposedSourceOut:
    line = one.line
    return ProposedSourceOut(
        directive=one.directive, source=one.source, added=one.added, reason=one.reason,
        reports=line.n if line else 0, browsers=line.browsers if line else 0,
        first_seen=iso(line.first_at) if line else None, last_seen=iso(line.last_at) if line else None,
    )  # fmt: skip
