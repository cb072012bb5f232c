"""REST of findings: list them, read one, and say what is to become of them."""

from typing import Annotated

from ninja import Field, Path, Query, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid
from vedette.plumbing.ports import ports
from vedette.scans import ranking, service
from vedette.scans.types import Asked, Known, Life
from vedette.wire.finding import Severity

router = Router(tags=["findings"])
Number = Annotated[int, Path(ge=1, lt=2**53, description="number of a finding")]
Ids = Annotated[list[Annotated[int, Field(ge=1, lt=2**53)]], Field(min_length=1, max_length=500)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class FindingOut(Schema):
    """A finding. Instants are ISO 8601; `reachable` and `exposed` are null where nobody looked; `likelihood` is 0 to 1."""

    id: int
    check: str
    title: str
    subject: str
    place: str
    severity: str
    risk: float
    state: str
    scanner: str
    target: int
    project: int
    host: int
    why: str
    fix: str
    evidence: str
    rank: str
    references: list[str]
    exploited: bool
    likelihood: float
    reachable: bool | None
    exposed: bool | None
    owner: int | None
    reason: str
    until: str | None
    due_at: str | None
    first_at: str
    last_at: str
    fixed_at: str | None


class FindingsOut(Schema):
    """A page of findings, the worst first."""

    items: list[FindingOut]
    cursor: str | None


class AcceptIn(Schema):
    """Findings to accept until an instant (ISO 8601), a year away at most, and why."""

    ids: Ids
    reason: Reason
    until: Annotated[str, Field(max_length=40, description="ISO 8601")]


class FalseIn(Schema):
    """Findings that are no weakness, and why."""

    ids: Ids
    reason: Reason


class IdsIn(Schema):
    """Findings by their numbers."""

    ids: Ids


class AssignIn(Schema):
    """Findings, and the user they are given to; null: nobody."""

    ids: Ids
    owner: int | None = None


class DoneOut(Schema):
    """Of how many findings it was done."""

    done: int


@router.get("/findings", response=FindingsOut, operation_id="list_findings")
@needs(Verb.FINDING_READ)
def list_findings(  # noqa: PLR0917 - what a list can be narrowed by
    request: Request,
    state: Life = Life.OPEN,
    severity: Severity | None = None,
    scanner: Annotated[str, Query(max_length=20)] = "",
    project: int | None = None,
    host: int | None = None,
    target: int | None = None,
    owner: int | None = None,
    check: Annotated[str, Query(max_length=120)] = "",
    text: Annotated[str, Query(max_length=100)] = "",
    cursor: str = "",
    n: Annotated[int, Query(ge=1, le=100)] = 50,
) -> FindingsOut:
    """List findings of a state, the worst first; `owner=0` lists those of nobody."""
    asked = Asked(
        life=state, severity=severity, scanner=scanner, project=project, host=host, target=target, owner=owner, check=check, text=text
    )  # fmt: skip
    found, rest = service.findings(asked, cursor or None, n)
    return FindingsOut(items=[_out(one) for one in found], cursor=rest)


@router.post("/findings/accept", response=DoneOut, operation_id="accept_findings")
@needs(Verb.FINDING_WRITE)
def accept_findings(request: Request, payload: AcceptIn) -> DoneOut:
    """Accept findings until a day; then they are open again."""
    try:
        until = parse_iso(payload.until)
    except (ValueError, OverflowError):
        raise Invalid("until is not a time; write 2026-12-24T00:00:00Z.", {"until": "not ISO 8601"}) from None
    return DoneOut(done=service.accept(request.actor, payload.ids, payload.reason, until, _now()))


@router.post("/findings/false", response=DoneOut, operation_id="mark_findings_false")
@needs(Verb.FINDING_WRITE)
def mark_findings_false(request: Request, payload: FalseIn) -> DoneOut:
    """Say that findings are no weakness."""
    return DoneOut(done=service.mark_false(request.actor, payload.ids, payload.reason, _now()))


@router.post("/findings/reopen", response=DoneOut, operation_id="reopen_findings")
@needs(Verb.FINDING_WRITE)
def reopen_findings(request: Request, payload: IdsIn) -> DoneOut:
    """Open findings again that were accepted or called false."""
    return DoneOut(done=service.reopen(request.actor, payload.ids, _now()))


@router.post("/findings/assign", response=DoneOut, operation_id="assign_findings")
@needs(Verb.FINDING_WRITE)
def assign_findings(request: Request, payload: AssignIn) -> DoneOut:
    """Give findings to a user, or to nobody."""
    return DoneOut(done=service.assign(request.actor, payload.ids, payload.owner, _now()))


@router.get("/findings/{finding}", response=FindingOut, operation_id="get_finding")
@needs(Verb.FINDING_READ)
def get_finding(request: Request, finding: Number) -> FindingOut:
    """Return one finding."""
    return _out(service.finding(finding))


def _out(one: Known) -> FindingOut:
    found = one.finding
    return FindingOut(
        id=one.id, check=found.check, title=found.title, subject=found.subject, place=found.place, severity=one.severity.value,
        risk=found.risk, state=one.life.value, scanner=one.scanner, target=one.target, project=one.project, host=one.host, why=found.why,
        fix=found.fix, evidence=found.evidence, rank=ranking.why(found), references=list(found.references), exploited=found.exploited,
        likelihood=found.likelihood, reachable=found.reachable, exposed=found.exposed, owner=one.owner, reason=one.reason,
        until=_iso(one.until), due_at=_iso(one.due_at), first_at=iso(one.first_at), last_at=iso(one.last_at), fixed_at=_iso(one.fixed_at),
    )  # fmt: skip


def _iso(at: float | None) -> str | None:
    return None if at is None else iso(at)


def _now() -> float:
    return ports().clock.now()
