"""Digests in the REST API."""

from typing import Annotated

from ninja import Path, Query, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.projects import service as projects
from vedette.reports import service
from vedette.reports.types import Digest, Period, Section
from vedette.ui import pager

router = Router(tags=["digests"])
Number = Annotated[int, Path(ge=1, le=2**62)]


class LineOut(Schema):
    """A line of a section: `before` is the figure of the period before, `link` a path."""

    text: str
    value: str
    before: str
    link: str
    tone: str


class SectionOut(Schema):
    """What one room tells of a period; `more` lines were left out."""

    key: str
    title: str
    sentence: str
    tone: str
    lines: list[LineOut]
    more: int


class DigestOut(Schema):
    """A digest: `start` and `end` are seconds, UTC; `project` is an id, null for all of them."""

    id: int
    period: Period
    start: float
    end: float
    zone: str
    project: int | None
    verdict: str
    sections: list[SectionOut]
    made_at: float


class DigestsOut(Schema):
    """Digests, newest first; `cursor` asks for the next page, null at the end."""

    items: list[DigestOut]
    cursor: str | None = None


@router.get("/digests", response=DigestsOut, operation_id="list_digests")
@needs(Verb.REPORT_READ)
def list_digests(
    request: Request,
    project: Annotated[str | None, Query(max_length=50, description="slug or id; none: the digests of all projects together")] = None,
    period: Period | None = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> DigestsOut:  # fmt: skip
    """List digests as far as the caller may read them."""
    only = projects.project(project).id if project else None
    page = service.digests(request.actor, only, period, cursor, pager.size(limit, 30))
    return DigestsOut(items=[_digest(one) for one in page.digests], cursor=page.cursor)


@router.get("/digests/{digest_id}", response=DigestOut, operation_id="get_digest")
@needs(Verb.REPORT_READ)
def get_digest(request: Request, digest_id: Number) -> DigestOut:
    """Return a digest as far as the caller may read it."""
    return _digest(service.digest(request.actor, digest_id))


def _digest(one: Digest) -> DigestOut:
    return DigestOut(
        id=one.id, period=one.period, start=one.start, end=one.end, zone=one.zone, project=one.project,
        verdict=service.verdict(one), sections=[_section(each) for each in one.sections], made_at=one.made_at,
    )  # fmt: skip


def _section(one: Section) -> SectionOut:
    lines = [
        LineOut(text=line.text, value=line.value, before=line.before, link=line.link, tone=line.tone) for line in one.lines
    ]  # fmt: skip
    return SectionOut(
        key=one.key, title=one.title, sentence=one.sentence, tone=one.tone, lines=lines, more=one.more
    )
