"""Projects, keys, scrub rules and usage in the REST API."""

from typing import Annotated

from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso, utc_day
from vedette.plumbing.ports import ports
from vedette.projects import service
from vedette.projects.types import DsnKey, Project, ScrubRules
from vedette.ui import pager

router = Router(tags=["projects"])
Slug = Annotated[str, Path(max_length=50, description="slug or id")]
KeyId = Annotated[int, Path(ge=1, le=2**53)]
Quota = Annotated[int | None, Field(default=None, ge=1, le=1_000_000_000)]
Label = Annotated[str, Field(min_length=1, max_length=80)]
Origins = Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=100)]
Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=200)]


class ProjectOut(Schema):
    """A project."""

    id: int
    slug: str
    name: str
    platform: str
    created_at: str


class ProjectPage(Schema):
    """A page of projects by id; `cursor` leads to the next one, null at the end."""

    items: list[ProjectOut]
    cursor: str | None


class ProjectIn(Schema):
    """A new project."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    platform: str = "other"
    slug: Annotated[str, Field(max_length=50)] = ""


class ProjectChange(Schema):
    """What may change of a project; what is left out stays."""

    name: Annotated[str | None, Field(default=None, min_length=1, max_length=120)]
    platform: str | None = None


class KeyOut(Schema):
    """A DSN key."""

    id: int
    label: str
    public: str
    dsn: str
    active: bool
    origins: list[str]
    per_minute: int | None
    per_day: int | None
    created_at: str
    last_used_at: str | None
    replaced_at: str | None


class KeyIn(Schema):
    """A new key, or what a key becomes."""

    label: Label
    origins: Origins = ["*"]
    per_minute: Quota
    per_day: Quota


class Scrubbing(Schema):
    """What is removed from a project's events before they are stored."""

    defaults: bool = True
    mask_addresses: bool = False
    extra_keys: Names = []
    safe_keys: Names = []


class UsageOut(Schema):
    """Items of a type that met an outcome on a UTC day."""

    day: str
    item_type: str
    outcome: str
    count: int


@router.get("/projects", response=ProjectPage, operation_id="list_projects")
@needs(Verb.PROJECT_READ)
def list_projects(
    request: Request, cursor: str = "", n: Annotated[int, Query(ge=1, le=100)] = 50
) -> dict[str, object]:
    """List projects by id."""
    after = pager.decode(cursor, tuple[int])[0] if cursor else 0
    found = sorted((p for p in service.projects() if p.id > after), key=lambda project: project.id)
    page = found[:n]
    return {
        "items": [_project(p) for p in page],
        "cursor": pager.encode(page[-1].id) if len(found) > n else None,
    }


@router.post("/projects", response={201: ProjectOut}, operation_id="create_project")
@needs(Verb.PROJECT_WRITE)
def create_project(request: Request, payload: ProjectIn) -> Status[ProjectOut]:
    """Make a project with one key."""
    made = service.create_project(request.actor, payload.name, payload.platform, _now(), payload.slug)
    return Status(201, _project(made))


@router.get("/projects/{slug}", response=ProjectOut, operation_id="get_project")
@needs(Verb.PROJECT_READ)
def get_project(request: Request, slug: Slug) -> ProjectOut:
    """Return one project."""
    return _project(service.project(slug))


@router.patch("/projects/{slug}", response=ProjectOut, operation_id="change_project")
@needs(Verb.PROJECT_WRITE)
def change_project(request: Request, slug: Slug, payload: ProjectChange) -> ProjectOut:
    """Change name or platform; the slug stays."""
    project = service.project(slug)
    return _project(
        service.update_project(
            request.actor, project.id, _now(), name=payload.name, platform=payload.platform
        )
    )


@router.delete("/projects/{slug}", response={204: None}, operation_id="delete_project")
@needs(Verb.PROJECT_WRITE)
def delete_project(
    request: Request, slug: Slug, confirm: Annotated[str, Query(max_length=120)]
) -> Status[None]:
    """Delete a project with its issues and keys; `confirm` is its name."""
    service.delete_project(request.actor, service.project(slug).id, confirm, _now())
    return Status(204, None)


@router.get("/projects/{slug}/keys", response=list[KeyOut], operation_id="list_keys")
@needs(Verb.KEY_READ)
def list_keys(request: Request, slug: Slug) -> list[KeyOut]:
    """List a project's keys, revoked ones too."""
    return [_key(key) for key in service.keys(service.project(slug).id)]


@router.post("/projects/{slug}/keys", response={201: KeyOut}, operation_id="create_key")
@needs(Verb.KEY_WRITE)
def create_key(request: Request, slug: Slug, payload: KeyIn) -> Status[KeyOut]:
    """Make a key."""
    project = service.project(slug)
    made = service.create_key(
        request.actor, project.id, payload.label, _now(),
        origins=payload.origins, per_minute=payload.per_minute, per_day=payload.per_day,
    )  # fmt: skip
    return Status(201, _key(made))


@router.put("/projects/{slug}/keys/{key_id}", response=KeyOut, operation_id="change_key")
@needs(Verb.KEY_WRITE)
def change_key(request: Request, slug: Slug, key_id: KeyId, payload: KeyIn) -> KeyOut:
    """Change a key's label, origins and quotas."""
    project = service.project(slug)
    changed = service.update_key(
        request.actor, project.id, key_id, _now(),
        label=payload.label, origins=payload.origins, per_minute=payload.per_minute, per_day=payload.per_day,
    )  # fmt: skip
    return _key(changed)


@router.delete("/projects/{slug}/keys/{key_id}", response={204: None}, operation_id="revoke_key")
@needs(Verb.KEY_WRITE)
def revoke_key(request: Request, slug: Slug, key_id: KeyId) -> Status[None]:
    """Let a key send no more; it stays listed."""
    service.revoke_key(request.actor, service.project(slug).id, key_id, _now())
    return Status(204, None)


@router.post("/projects/{slug}/keys/{key_id}/rotate", response={201: KeyOut}, operation_id="rotate_key")
@needs(Verb.KEY_WRITE)
def rotate_key(request: Request, slug: Slug, key_id: KeyId) -> Status[KeyOut]:
    """Make a new key beside an old one, which works on until it is revoked."""
    return Status(201, _key(service.rotate_key(request.actor, service.project(slug).id, key_id, _now())))


@router.get("/projects/{slug}/scrubbing", response=Scrubbing, operation_id="get_scrubbing")
@needs(Verb.PROJECT_READ)
def get_scrubbing(request: Request, slug: Slug) -> Scrubbing:
    """Return what is removed from events."""
    rules = service.scrub_rules(service.project(slug).id)
    return Scrubbing(
        defaults=rules.defaults, mask_addresses=rules.mask_addresses,
        extra_keys=list(rules.extra_keys), safe_keys=list(rules.safe_keys),
    )  # fmt: skip


@router.put("/projects/{slug}/scrubbing", response=Scrubbing, operation_id="set_scrubbing")
@needs(Verb.PROJECT_WRITE)
def set_scrubbing(request: Request, slug: Slug, payload: Scrubbing) -> Scrubbing:
    """Change what is removed from events that come from now on."""
    project = service.project(slug)
    rules = ScrubRules(
        tuple(payload.extra_keys), tuple(payload.safe_keys), payload.mask_addresses, payload.defaults
    )
    service.set_scrub_rules(request.actor, project.id, rules, _now())
    return payload


@router.get("/projects/{slug}/usage", response=list[UsageOut], operation_id="get_usage")
@needs(Verb.PROJECT_READ)
def get_usage(
    request: Request, slug: Slug, since: Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")] = None
) -> list[UsageOut]:
    """Return counts by day, item type and outcome; of the last 30 days without `since`."""
    day = since or utc_day(_now() - 30 * 86_400.0)
    rows = service.usage(service.project(slug).id, day)
    return [UsageOut(day=r.day, item_type=r.item_type, outcome=r.outcome, count=r.count) for r in rows]


def _project(project: Project) -> ProjectOut:
    return ProjectOut(
        id=project.id, slug=project.slug, name=project.name, platform=project.platform,
        created_at=iso(project.created_at),
    )  # fmt: skip


def _key(key: DsnKey) -> KeyOut:
    return KeyOut(
        id=key.id, label=key.label, public=key.public, active=key.active, origins=list(key.origins),
        dsn=service.dsn(key, ports().settings.public_url),
        per_minute=key.per_minute, per_day=key.per_day, created_at=iso(key.created_at),
        last_used_at=_iso(key.last_used_at), replaced_at=_iso(key.replaced_at),
    )  # fmt: skip


def _iso(instant: float | None) -> str | None:
    return None if instant is None else iso(instant)


def _now() -> float:
    return ports().clock.now()
