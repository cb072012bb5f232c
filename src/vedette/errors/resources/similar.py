"""Issues like one, in the REST API."""

from ninja import Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.errors import service
from vedette.errors.alike.types import Similar
from vedette.errors.api import Key

router = Router(tags=["issues"])


class SimilarOut(Schema):
    """An issue like another one: how much (`score`, 0 to 1), and what they have in common (`reason`)."""

    id: str
    title: str
    state: str
    level: str
    culprit: str
    events: int
    last_seen: str
    score: float
    reason: str


@router.get("/issues/{key}/similar", response=list[SimilarOut], operation_id="list_similar")
@needs(Verb.ISSUE_READ)
def list_similar(request: Request, key: Key) -> list[SimilarOut]:
    """List the issues of the project, at most ten, that are most like one, the worst first."""
    return [_similar(one) for one in service.similar(service.issue(key))]


def _similar(one: Similar) -> SimilarOut:
    issue = one.issue
    return SimilarOut(
        id=issue.short_id, title=issue.title, state=issue.state.value, level=issue.level.value, culprit=issue.culprit,
        events=issue.events, last_seen=iso(issue.last_seen), score=one.score, reason=one.reason,
    )  # fmt: skip
