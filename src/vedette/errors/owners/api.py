"""Ownership rules in the REST API."""

from typing import Annotated

from ninja import Field, Path, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.errors.owners import service
from vedette.errors.owners.types import OwnerRules
from vedette.plumbing.ports import ports

router = Router(tags=["projects"])
Slug = Annotated[str, Path(max_length=50)]


class OwnersIn(Schema):
    """A project's rules, one a line; with `suggest` new issues are not assigned, their history names the owner."""

    source: Annotated[str, Field(max_length=40_000)]
    suggest: bool = False


class TrialOut(Schema):
    """To whom an issue would go and by which rule; both empty when no rule fits."""

    issue: str
    owner: str
    reason: str


@router.get("/projects/{slug}/owners", response=OwnersIn, operation_id="get_owners")
@needs(Verb.PROJECT_READ)
def get_owners(request: Request, slug: Slug) -> OwnersIn:
    """Return who owns the new issues of a project."""
    kept = service.rules(slug)
    return OwnersIn(source=kept.source, suggest=kept.suggest)


@router.put("/projects/{slug}/owners", response=OwnersIn, operation_id="set_owners")
@needs(Verb.PROJECT_WRITE)
def set_owners(request: Request, slug: Slug, payload: OwnersIn) -> OwnersIn:
    """Say who owns the new issues of a project."""
    wanted = OwnerRules(payload.source, payload.suggest)
    kept = service.set_rules(request.actor, slug, wanted, ports().clock.now())
    return OwnersIn(source=kept.source, suggest=kept.suggest)


@router.post("/projects/{slug}/owners/preview", response=list[TrialOut], operation_id="preview_owners")
@needs(Verb.PROJECT_WRITE)
def preview_owners(request: Request, slug: Slug, payload: OwnersIn) -> list[TrialOut]:
    """Tell to whom rules would give each of the last 100 issues; nothing is kept."""
    found = service.preview(slug, payload.source)
    return [TrialOut(issue=one.issue.short_id, owner=one.owner, reason=one.reason) for one in found]
