"""Deploys in the REST API."""

from typing import Annotated

from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid
from vedette.deploys import service
from vedette.deploys.types import Deploy, DeployDraft
from vedette.plumbing.ports import ports
from vedette.projects import service as projects

router = Router(tags=["deploys"])
Slug = Annotated[str, Path(max_length=50, description="slug or id")]
Instant = Annotated[
    str | None, Field(default=None, max_length=40, description="ISO 8601, UTC without a zone")
]


class DeployOut(Schema):
    """A deploy."""

    id: int
    project: str
    version: str
    environment: str
    url: str
    commit: str
    by: str
    source: str
    started_at: str | None
    finished_at: str


class DeploysOut(Schema):
    """A page of deploys, newest first; `cursor` leads to the next one, null at the end."""

    items: list[DeployOut]
    cursor: str | None


class DeployIn(Schema):
    """A deploy to record. `id` names it (a pipeline's run, say): sent again, it changes nothing."""

    version: Annotated[str, Field(min_length=1, max_length=200)]
    environment: Annotated[str, Field(max_length=200)] = ""
    url: Annotated[str, Field(max_length=500)] = ""
    commit: Annotated[str, Field(max_length=64)] = ""
    by: Annotated[str, Field(max_length=120)] = ""
    started_at: Instant
    finished_at: Instant
    id: Annotated[str, Field(max_length=120)] = ""


@router.get("/projects/{slug}/deploys", response=DeploysOut, operation_id="list_deploys")
@needs(Verb.DEPLOY_READ)
def list_deploys(
    request: Request, slug: Slug, cursor: str = "", n: Annotated[int, Query(ge=1, le=100)] = 50
) -> DeploysOut:
    """List a project's deploys, newest first."""
    project = projects.project(slug)
    page = service.deploys(project.id, cursor or None, n)
    return DeploysOut(items=[_deploy(one, project.slug) for one in page.deploys], cursor=page.cursor)


@router.post(
    "/projects/{slug}/deploys", response={201: DeployOut, 200: DeployOut}, operation_id="record_deploy"
)
@needs(Verb.DEPLOY_WRITE)
def record_deploy(request: Request, slug: Slug, payload: DeployIn) -> Status[DeployOut]:
    """Record a deploy (201); one that is known by its id or by its times is returned as it is (200)."""
    project = projects.project(slug)
    draft = DeployDraft(
        version=payload.version, environment=payload.environment, url=payload.url, commit=payload.commit,
        by=payload.by, started=_instant(payload.started_at, "started_at"),
        finished=_instant(payload.finished_at, "finished_at"), key=payload.id,
    )  # fmt: skip
    done = service.record(request.actor, project, draft, ports().clock.now())
    return Status(201 if done.is_new else 200, _deploy(done.deploy, project.slug))


def _instant(text: str | None, field: str) -> float | None:
    try:
        return parse_iso(text) if text else None
    except (ValueError, OverflowError):
        raise Invalid(
            f"{field} is not a time; write 2026-11-24T02:14:00Z.", {field: "not ISO 8601"}
        ) from None


def _deploy(deploy: Deploy, slug: str) -> DeployOut:
    return DeployOut(
        id=deploy.id, project=slug, version=deploy.version, environment=deploy.environment, url=deploy.url,
        commit=deploy.commit, by=deploy.by, source=deploy.source,
        started_at=None if deploy.started is None else iso(deploy.started), finished_at=iso(deploy.finished),
    )  # fmt: skip
