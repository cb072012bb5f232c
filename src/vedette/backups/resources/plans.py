"""REST of plans: make, change, switch and take them away, see how they stand, and have their hosts do something at once."""

from typing import Annotated, Any

import msgspec
from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.backups import service
from vedette.backups.types import Order, Standing
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid
from vedette.hosts import service as hosts
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.wire.backup import Aim, BackupAct

router = Router(tags=["backups"])
Number = Annotated[int, Path(ge=1, lt=2**53, description="number of a plan")]
OrderId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="id of an order")]
HostKey = Annotated[str, Path(max_length=80, description="name or number of a host")]
PlanIn = Annotated[
    dict[str, Any],  # Any: read by service.read_plan
    Field(description="a plan as [[backup]] in a file says it, without its host: docs/as-code.md"),
]
CopyName = Annotated[str, Field(max_length=60)]


class NewPlanIn(Schema):
    """A plan of a host, which is named; `project` is a slug."""

    host: Annotated[str, Field(min_length=1, max_length=80)]
    project: Annotated[str, Field(max_length=100)] = ""
    plan: PlanIn


class ChangeIn(Schema):
    """A plan in the place of what was."""

    project: Annotated[str, Field(max_length=100)] = ""
    plan: PlanIn


class SecretIn(Schema):
    """A secret that a copy names (`access_key`), or the `password` of a repository that is there already."""

    copy_name: CopyName
    name: Annotated[str, Field(max_length=60)]
    value: Annotated[str, Field(min_length=1, max_length=4_096)]


class CopyIn(Schema):
    """Of which copy; empty: of each (a backup), or of the first."""

    copy_name: CopyName = ""


class ListIn(CopyIn):
    """What a copy holds; with a snapshot what lies in it, below a folder."""

    snapshot: Annotated[str, Field(max_length=120)] = ""
    below: Annotated[str, Field(max_length=4_096)] = ""


class RestoreIn(CopyIn):
    """What is brought back to `into` on the host; empty: where it was, which `confirmed` answers for by its name.

    Without a snapshot the last. `before` is an instant (ISO 8601) that must not be in it any more, `transaction` one that must
    not; both where the engine can.
    """

    snapshot: Annotated[str, Field(max_length=120)] = ""
    paths: Annotated[list[Annotated[str, Field(max_length=4_096)]], Field(max_length=1_000)] = []
    what: Annotated[str, Field(max_length=120)] = ""
    before: Annotated[str, Field(max_length=40)] = ""
    transaction: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    into: Annotated[str, Field(max_length=4_096)] = ""
    confirmed: Annotated[str, Field(max_length=120)] = ""


class PlanOut(Schema):
    """A plan and how it stands: could it be restored now, how old would it be, how long would it take?

    `missing` are secrets that nobody gave yet, as `copy/name`; `spread` says how far it is from 3-2-1.
    """

    id: int
    host: str
    project: int
    source: str
    revision: int
    plan: dict[str, Any]
    health: str
    sentence: str
    spread: str
    saved_at: str | None
    proven_at: str | None
    rto: float | None
    rpo: float | None
    next_at: str | None
    running: bool
    missing: list[str]


class PlansOut(Schema):
    """All plans, the worst first."""

    items: list[PlanOut]


class OrderOut(Schema):
    """An act that was asked for; the run it becomes has its id. `why` says why it became none, or what came of it."""

    id: str
    act: str
    plan: int
    copy_name: str
    by: str
    asked_at: str
    done_at: str | None
    why: str


class OrdersOut(Schema):
    """What waits, the oldest first."""

    items: list[OrderOut]


class SnapshotOut(Schema):
    """A backup that a copy holds."""

    name: str
    at: str
    files: int
    bytes: int
    whole: bool


class SnapshotsOut(Schema):
    """What a copy held when it was last listed (null: never), newest first."""

    at: str | None
    items: list[SnapshotOut]


class EntryOut(Schema):
    """A file, folder or other thing in a snapshot; `name` is its whole path there, as a restore's `paths` takes it."""

    name: str
    kind: str
    size: int
    at: str


class EntriesOut(Schema):
    """What a look into a snapshot found (`at` null: the host did not look yet); `why` says why it could not."""

    at: str | None
    snapshot: str
    below: str
    why: str
    items: list[EntryOut]


class ProposalOut(Schema):
    """Something that should be saved, as a plan's `what` says it."""

    what: dict[str, Any]
    sentence: str
    bytes: int


class OfferOut(Schema):
    """What an agent found on its host, and the engines that are installed there (null: it told nothing)."""

    at: str | None
    found: list[ProposalOut]
    engines: dict[str, str]


@router.get("/backups/plans", response=PlansOut, operation_id="list_backup_plans")
@needs(Verb.BACKUP_READ)
def list_plans(request: Request) -> PlansOut:
    """List plans, the worst first."""
    return PlansOut(items=[_plan(one) for one in service.standings(_now())])


@router.post("/backups/plans", response={201: PlanOut}, operation_id="add_backup_plan")
@needs(Verb.BACKUP_WRITE)
def add_plan(request: Request, payload: NewPlanIn) -> Status[PlanOut]:
    """Have a host save something by a plan; the passwords of its repositories are made."""
    plan, host = service.read_plan(payload.plan), hosts.find(payload.host).id
    made = service.put_plan(request.actor, host, plan, _now(), project=_project(payload.project))
    return Status(201, _plan(service.standing(made.id, _now())))


@router.get("/backups/plans/{plan}", response=PlanOut, operation_id="get_backup_plan")
@needs(Verb.BACKUP_READ)
def get_plan(request: Request, plan: Number) -> PlanOut:
    """Return one plan and how it stands."""
    return _plan(service.standing(plan, _now()))


@router.put("/backups/plans/{plan}", response=PlanOut, operation_id="change_backup_plan")
@needs(Verb.BACKUP_WRITE)
def change_plan(request: Request, plan: Number, payload: ChangeIn) -> PlanOut:
    """Change a plan; one that is written in a file is changed there."""
    known = service.plan(plan)
    after = service.read_plan(payload.plan)
    service.put_plan(request.actor, known.host, after, _now(), plan, _project(payload.project))
    return _plan(service.standing(plan, _now()))


@router.delete("/backups/plans/{plan}", response={204: None}, operation_id="remove_backup_plan")
@needs(Verb.BACKUP_WRITE)
def remove_plan(request: Request, plan: Number) -> Status[None]:
    """Take a plan away with its runs. What it stored stays, and what opens it until that is forgotten (`/backups/left`)."""
    service.remove_plan(request.actor, plan, _now())
    return Status(204, None)


@router.put("/backups/plans/{plan}/secrets", response={204: None}, operation_id="set_backup_secret")
@needs(Verb.BACKUP_WRITE)
def set_secret(request: Request, plan: Number, payload: SecretIn) -> Status[None]:
    """Give a secret that a copy needs; it is sealed and never told again but to the host."""
    service.set_secret(request.actor, plan, payload.copy_name, payload.name, payload.value, _now())
    return Status(204, None)


@router.post("/backups/plans/{plan}/run", response={202: OrderOut}, operation_id="run_backup_plan")
@needs(Verb.BACKUP_RUN)
def run_plan(request: Request, plan: Number, payload: CopyIn) -> Status[OrderOut]:
    """Have a plan saved at once, to one copy or to all."""
    return _asked(request, plan, BackupAct.RUN, payload)


@router.post("/backups/plans/{plan}/drill", response={202: OrderOut}, operation_id="drill_backup_plan")
@needs(Verb.BACKUP_RUN)
def drill_plan(request: Request, plan: Number, payload: CopyIn) -> Status[OrderOut]:
    """Have the last backup restored into a scratch place, looked at and timed."""
    return _asked(request, plan, BackupAct.DRILL, payload)


@router.post("/backups/plans/{plan}/unlock", response={202: OrderOut}, operation_id="unlock_backup_plan")
@needs(Verb.BACKUP_RUN)
def unlock_plan(request: Request, plan: Number, payload: CopyIn) -> Status[OrderOut]:
    """Break the lock of a repository, where its holder is proven gone."""
    return _asked(request, plan, BackupAct.UNLOCK, payload)


@router.post("/backups/plans/{plan}/list", response={202: OrderOut}, operation_id="list_backup_copy")
@needs(Verb.BACKUP_RUN)
def list_copy(request: Request, plan: Number, payload: ListIn) -> Status[OrderOut]:
    """Have a copy listed anew, or a snapshot looked into."""
    made = service.ask(
        request.actor, plan, BackupAct.LIST, _now(), copy=payload.copy_name, aim=Aim(snapshot=payload.snapshot), below=payload.below,
    )  # fmt: skip
    return Status(202, _order(made))


@router.post("/backups/plans/{plan}/restore", response={202: OrderOut}, operation_id="restore_backup_plan")
@needs(Verb.BACKUP_RESTORE)
def restore_plan(request: Request, plan: Number, payload: RestoreIn) -> Status[OrderOut]:
    """Have something brought back; live data is overwritten only by who names it."""
    aim = Aim(
        snapshot=payload.snapshot, paths=tuple(payload.paths), what=payload.what, before=_instant(payload.before),
        transaction=payload.transaction,
    )  # fmt: skip
    made = service.ask(
        request.actor, plan, BackupAct.RESTORE, _now(), copy=payload.copy_name, aim=aim, into=payload.into, confirmed=payload.confirmed,
    )  # fmt: skip
    return Status(202, _order(made))


@router.post("/backups/plans/{plan}/key", response={202: OrderOut}, operation_id="rekey_backup_plan")
@needs(Verb.BACKUP_WRITE)
def rekey_plan(request: Request, plan: Number, payload: CopyIn) -> Status[OrderOut]:
    """Make a new password of a repository and have the host change it; print its recovery sheet anew then."""
    copy = payload.copy_name or service.plan(plan).plan.copies[0].name
    return Status(202, _order(service.rekey(request.actor, plan, copy, _now())))


@router.get("/backups/plans/{plan}/orders", response=OrdersOut, operation_id="list_backup_orders")
@needs(Verb.BACKUP_READ)
def list_orders(request: Request, plan: Number) -> OrdersOut:
    """List what waits of a plan."""
    service.plan(plan)
    return OrdersOut(items=[_order(one) for one in service.orders(plan)])


@router.get("/backups/plans/{plan}/snapshots", response=SnapshotsOut, operation_id="list_backup_snapshots")
@needs(Verb.BACKUP_READ)
def list_snapshots(
    request: Request, plan: Number, copy_name: Annotated[str, Query(max_length=60)] = ""
) -> SnapshotsOut:
    """List what a copy (without one the first) held when it was last looked at."""
    copy = copy_name or service.plan(plan).plan.copies[0].name
    found = service.listing(plan, copy)
    items = [
        SnapshotOut(name=one.name, at=iso(one.at), files=one.files, bytes=one.bytes, whole=one.whole)
        for one in (found.snapshots if found else ())
    ]
    return SnapshotsOut(at=iso(found.at) if found else None, items=items)


@router.get("/backups/orders/{order}", response=OrderOut, operation_id="get_backup_order")
@needs(Verb.BACKUP_READ)
def get_order(request: Request, order: OrderId) -> OrderOut:
    """Return an act that was asked for."""
    return _order(service.order(order))


@router.get("/backups/orders/{order}/entries", response=EntriesOut, operation_id="list_backup_entries")
@needs(Verb.BACKUP_READ)
def list_entries(request: Request, order: OrderId) -> EntriesOut:
    """List what a look into a snapshot (`list` with one) found below its folder."""
    asked, shelf = service.order(order).order, service.browsed(order)
    items = [
        EntryOut(name=one.name, kind=one.kind, size=one.size, at=iso(one.at))
        for one in (shelf.entries if shelf else ())
    ]
    return EntriesOut(
        at=iso(shelf.at) if shelf else None, snapshot=asked.aim.snapshot, below=asked.below, why=shelf.why if shelf else "", items=items,
    )  # fmt: skip


@router.get("/backups/offers/{host}", response=OfferOut, operation_id="get_backup_offer")
@needs(Verb.BACKUP_READ)
def get_offer(request: Request, host: HostKey) -> OfferOut:
    """Return what an agent proposes to save on its host."""
    found = service.offered(hosts.find(host).id)
    proposed = [
        ProposalOut(what=msgspec.to_builtins(one.what), sentence=one.sentence, bytes=one.bytes)
        for one in (found.found if found else ())
    ]
    return OfferOut(
        at=iso(found.at) if found else None, found=proposed, engines=dict(found.engines) if found else {}
    )


def _asked(request: Request, plan: int, act: BackupAct, payload: CopyIn) -> Status[OrderOut]:
    return Status(202, _order(service.ask(request.actor, plan, act, _now(), copy=payload.copy_name)))


def _plan(one: Standing) -> PlanOut:
    known = one.known
    return PlanOut(
        id=known.id, host=service.host_name(known.host), project=known.project, source=known.source, revision=known.revision,
        plan=msgspec.to_builtins(known.plan), health=one.health.value, sentence=one.sentence, spread=service.spread(known.plan).sentence,
        saved_at=_when(one.saved_at), proven_at=_when(one.proven_at), rto=one.rto, rpo=one.rpo, next_at=_when(one.next_at),
        running=one.running is not None, missing=[f"{copy}/{name}" for copy, name in service.missing(known.id)],
    )  # fmt: skip


def _order(one: Order) -> OrderOut:
    return OrderOut(
        id=one.id, act=one.order.act.value, plan=one.plan, copy_name=one.order.copy, by=one.order.by, asked_at=iso(one.asked_at),
        done_at=_when(one.done_at), why=one.why,
    )  # fmt: skip


def _project(slug: str) -> int:
    return projects.project(slug).id if slug else 0


def _instant(text: str) -> float | None:
    if not text:
        return None
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        raise Invalid(
            "before is not a time; write 2026-12-24T14:03:20Z.", {"before": "not ISO 8601"}
        ) from None


def _when(at: float | None) -> str | None:
    return None if at is None else iso(at)


def _now() -> float:
    return ports().clock.now()
