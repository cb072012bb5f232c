"""Web vitals in the REST API."""

from typing import Annotated

from ninja import Path, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.vitals import service
from vedette.vitals.types import PageVital

router = Router(tags=["vitals"])
Slug = Annotated[str, Path(max_length=50, description="slug or id")]


class PageVitalOut(Schema):
    """A vital of a page in the last 24 hours: p75 in milliseconds (cls: a score), beside the seven days before.

    `change` is the share by which it grew, null where nothing can be compared; `worse` that it is told as degraded.
    """

    page: str
    vital: str
    p75: float
    rating: str
    samples: int
    before_p75: float | None
    before_samples: int
    change: float | None
    worse: bool
    reason: str


class VitalsOut(Schema):
    """The vitals of a project's pages, worst first; `cursor` is always null, for there is one page."""

    items: list[PageVitalOut]
    cursor: str | None = None


@router.get("/projects/{slug}/vitals", response=VitalsOut, operation_id="list_vitals")
@needs(Verb.ISSUE_READ)
def list_vitals(request: Request, slug: Slug) -> VitalsOut:
    """List the web vitals of a project's pages, worst first."""
    project = projects.project(slug)
    return VitalsOut(items=[_vital(one) for one in service.pages(ports().clock.now(), project.id)])


def _vital(one: PageVital) -> PageVitalOut:
    return PageVitalOut(
        page=one.page, vital=one.vital.value, p75=one.now.p75 or 0.0, rating=one.rating.value, samples=one.now.samples,
        before_p75=one.before.p75, before_samples=one.before.samples, change=one.change, worse=one.worse,
        reason=one.reason,
    )  # fmt: skip
