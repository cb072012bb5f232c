"""Privacy in the REST API: find or erase what is kept about one end user, and read the receipts."""

from typing import Annotated

from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.errors.privacy import service
from vedette.errors.privacy.types import Datum, DatumKind, Erasure, ErasureReceipt
from vedette.plumbing.ports import ports
from vedette.ui import pager

router = Router(tags=["privacy"])
Id = Annotated[str, Path(max_length=64)]
Cursor = Annotated[str | None, Query(max_length=512, description="from the page before")]
Size = Annotated[int | None, Query(ge=1, le=100)]


class ErasureIn(Schema):
    """Whose data: `value` is what `kind` says, a `user.id` or `user.email`; `project` is a slug, empty for all.

    With `dry_run` nothing changes; the answer says what would go.
    """

    kind: DatumKind
    value: Annotated[str, Field(min_length=1, max_length=200)]
    project: Annotated[str, Field(max_length=50)] = ""
    dry_run: bool = False


class FoundOut(Schema):
    """An event a dry run found; `person` when its user is the one, else it only mentions them."""

    event: str
    project: int
    person: bool


class ErasureOut(Schema):
    """How far an erasure is. `counts` are by kind; `found` (at most 10,000) and `also` are a dry run's, for an hour.

    Once a real one is over, `receipt` names its receipt.
    """

    id: str
    kind: DatumKind
    project: str
    who: str
    at: str
    dry_run: bool
    stage: str
    done: int
    total: int
    ended_at: str | None
    problem: str
    counts: dict[str, int]
    found: list[FoundOut]
    also: list[str]
    receipt: str | None


class RemainsOut(Schema):
    """Something an erasure leaves, why, and until when."""

    what: str
    why: str
    until: str


class ReceiptOut(Schema):
    """What proves an erasure: `datum` is a keyed hash, `seal` one of all the rest, `genuine` says whether it fits."""

    id: str
    kind: DatumKind
    datum: str
    project: str
    by: str
    asked_at: str
    ended_at: str
    seconds: float
    version: str
    counts: dict[str, int]
    remains: list[RemainsOut]
    seal: str
    genuine: bool


class ReceiptPage(Schema):
    """A page of receipts."""

    items: list[ReceiptOut]
    cursor: str | None


@router.post("/privacy/erasures", response={202: ErasureOut}, operation_id="begin_erasure")
@needs(Verb.PRIVACY_ERASE)
def begin_erasure(request: Request, payload: ErasureIn) -> Status[ErasureOut]:
    """Erase what is kept about one end user, or tell what that would be; it goes on by itself, ask for it again."""
    datum = Datum(payload.kind, payload.value)
    begun = service.ask(request.actor, datum, payload.project, ports().clock.now(), dry_run=payload.dry_run)
    return Status(202, erasure_out(begun))


@router.get("/privacy/erasures", response=list[ErasureOut], operation_id="list_erasures")
@needs(Verb.PRIVACY_ERASE)
def list_erasures(request: Request) -> list[ErasureOut]:
    """List the last 20 erasures and dry runs, the newest first, without what was found."""
    return [erasure_out(one) for one in service.erasures(request.actor)]


@router.get("/privacy/erasures/{erasure}", response=ErasureOut, operation_id="get_erasure")
@needs(Verb.PRIVACY_ERASE)
def get_erasure(request: Request, erasure: Id) -> ErasureOut:
    """Return how far an erasure is; of a dry run, what it found."""
    return erasure_out(service.erasure(request.actor, erasure))


@router.get("/privacy/receipts", response=ReceiptPage, operation_id="list_receipts")
@needs(Verb.PRIVACY_ERASE)
def list_receipts(request: Request, cursor: Cursor = None, n: Size = None) -> ReceiptPage:
    """List receipts, the newest first."""
    found, following = service.receipts(request.actor, cursor, pager.size(n))
    return ReceiptPage(items=[receipt_out(one) for one in found], cursor=following)


@router.get("/privacy/receipts/{receipt}", response=ReceiptOut, operation_id="get_receipt")
@needs(Verb.PRIVACY_ERASE)
def get_receipt(request: Request, receipt: Id) -> ReceiptOut:
    """Return a receipt."""
    return receipt_out(service.receipt(request.actor, receipt))


def erasure_out(one: Erasure) -> ErasureOut:
    """Return an erasure as the API tells it."""
    over = one.ended_at is not None
    return ErasureOut(
        id=one.id, kind=one.kind, project=one.project, who=one.who, at=iso(one.at), dry_run=one.dry_run, stage=str(one.stage),
        done=one.done, total=one.total, ended_at=None if one.ended_at is None else iso(one.ended_at), problem=one.problem,
        counts=dict(one.counts), also=list(one.also),
        found=[FoundOut(event=each.event, project=each.project, person=each.person) for each in one.found],
        receipt=one.id if over and not one.dry_run and not one.problem else None,
    )  # fmt: skip


def receipt_out(one: ErasureReceipt) -> ReceiptOut:
    """Return a receipt as the API tells it."""
    return ReceiptOut(
        id=one.id, kind=one.kind, datum=one.datum, project=one.project, by=one.by, asked_at=iso(one.asked_at),
        ended_at=iso(one.ended_at), seconds=one.seconds, version=one.version, counts=dict(one.counts), seal=one.seal,
        remains=[RemainsOut(what=each.what, why=each.why, until=each.until) for each in one.remains],
        genuine=service.verify(one).genuine,
    )  # fmt: skip
