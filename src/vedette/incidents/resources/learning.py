"""REST of post-mortems, and the metrics of incidents."""

from typing import Annotated

from ninja import Field, Path, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.core.errors import NotFound
from vedette.incidents import service as incidents
from vedette.incidents.metrics import gathering, shaping
from vedette.incidents.postmortem import keeping
from vedette.incidents.types import PostMortem
from vedette.plumbing.ports import ports

router = Router(tags=["incidents"])
Number = Annotated[int, Path(ge=1, lt=2**53)]


class PostMortemIn(Schema):
    """The text, as Markdown, and the `version` that was read."""

    text: Annotated[str, Field(min_length=1, max_length=keeping.LONGEST)]
    version: float


class PostMortemOut(Schema):
    """A post-mortem: `state` is draft, review or published; `facts` are its figures, lengths in seconds."""

    incident: int
    state: str
    text: str
    author: str
    reviewer: str
    version: float
    updated_at: str
    published_at: str | None
    facts: dict[str, float | None]


class MeansMonth(Schema):
    """A month (UTC): incidents of severity 1 to 4, and the means of how long it took, in seconds."""

    month: str
    severities: list[int]
    total: int
    detect: float | None
    acknowledge: float | None
    resolve: float | None


class PagedOut(Schema):
    """How often somebody (a user's id) was paged in each week, and at night (22 to 7, UTC) in all."""

    user: int
    weeks: list[int]
    nights: int
    total: int


class WorthOut(Schema):
    """A rule: of how many alerts people were told, and how many of them anybody acted on."""

    rule: str
    told: int
    acted: int


class MetricsOut(Schema):
    """Twelve months, eight weeks (their Mondays), and the alerts of 35 days; `truncated`: there was more than is counted."""

    months: list[MeansMonth]
    weeks: list[str]
    people: list[PagedOut]
    rules: list[WorthOut]
    told: int
    acted: int
    truncated: bool


@router.get("/incident-metrics", response=MetricsOut, operation_id="get_incident_metrics")
@needs(Verb.INCIDENT_READ)
def get_incident_metrics(request: Request) -> MetricsOut:
    """Return how many incidents there were, how fast they ended, who was paged, and which rules told for nothing."""
    return MetricsOut.model_validate(shaping.shaped(gathering.metrics(ports().clock.now())))


@router.get("/incidents/{incident}/post-mortem", response=PostMortemOut, operation_id="get_post_mortem")
@needs(Verb.INCIDENT_READ)
def get_post_mortem(request: Request, incident: Number) -> PostMortemOut:
    """Return the post-mortem of an incident."""
    found = keeping.find(incidents.incident(incident).id)
    if found is None:
        raise NotFound(f"INC-{incident} has no post-mortem yet.")
    return _out(found)


@router.post(
    "/incidents/{incident}/post-mortem", response={201: PostMortemOut}, operation_id="begin_post_mortem"
)
@needs(Verb.INCIDENT_WRITE)
def begin_post_mortem(request: Request, incident: Number) -> Status[PostMortemOut]:
    """Write the first draft from the timeline."""
    return Status(201, _out(keeping.begin(request.actor, incident, ports().clock.now())))


@router.put("/incidents/{incident}/post-mortem", response=PostMortemOut, operation_id="save_post_mortem")
@needs(Verb.INCIDENT_WRITE)
def save_post_mortem(request: Request, incident: Number, payload: PostMortemIn) -> PostMortemOut:
    """Change the text; it is a draft again."""
    return _out(keeping.save(request.actor, incident, payload.text, payload.version, ports().clock.now()))


@router.post(
    "/incidents/{incident}/post-mortem/publish", response=PostMortemOut, operation_id="publish_post_mortem"
)
@needs(Verb.INCIDENT_WRITE)
def publish_post_mortem(request: Request, incident: Number) -> PostMortemOut:
    """Publish it; its author may not where somebody else reviews."""
    return _out(keeping.publish(request.actor, incident, ports().clock.now()))


@router.post(
    "/incidents/{incident}/post-mortem/review", response=PostMortemOut, operation_id="review_post_mortem"
)
@needs(Verb.INCIDENT_WRITE)
def review_post_mortem(request: Request, incident: Number) -> PostMortemOut:
    """Ask for a review."""
    return _out(keeping.ask_review(request.actor, incident, ports().clock.now()))


def _out(found: PostMortem) -> PostMortemOut:
    return PostMortemOut(
        incident=found.incident, state=found.state.value, text=found.text, author=found.author, reviewer=found.reviewer,
        version=found.updated_at, updated_at=iso(found.updated_at),
        published_at=None if found.published_at is None else iso(found.published_at), facts=dict(found.facts),
    )  # fmt: skip
