"""REST of what is scanned: targets, their scans and bills, and reports that are sent."""

from typing import Annotated

from ninja import Field, Path, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.scans import service
from vedette.scans.types import Bill, Scan, Target

router = Router(tags=["scans"])
Number = Annotated[int, Path(ge=1, lt=2**53, description="number of a target")]
BillNumber = Annotated[int, Path(ge=1, lt=2**53, description="number of a bill")]
_SENT = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {
            "type": "object", "required": ["report"],
            "description": "What `vedette scan … --send` sends: a report as `vedette scan … --json` writes one, at most 8 MB.",
            "properties": {
                "target": {"type": "string", "description": "what people call it; else the report's own"},
                "project": {"type": "string", "description": "slug of its project"},
                "release": {"type": "string", "description": "what release it is of"},
                "report": {"type": "object"},
            },
        }}},
    },
}  # fmt: skip


class UnknownOut(Schema):
    """Something a scan could not know: of what, why, and what to do."""

    subject: str
    why: str
    fix: str


class TargetOut(Schema):
    """Something that is scanned. `every` is in seconds (0: not by itself), `host` 0 where no agent looks, `outcome` null before the first scan."""

    id: int
    scanner: str
    target: str
    name: str
    project: int
    host: int
    every: float
    enabled: bool
    release: str
    location: str
    outcome: str | None
    sentence: str
    last_at: str | None
    next_at: str | None
    running: bool


class TargetIn(Schema):
    """What is to be scanned again and again; `every` is in seconds, an hour to 30 days (0: by hand alone)."""

    scanner: Annotated[str, Field(max_length=20)]
    target: Annotated[str, Field(min_length=1, max_length=500)]
    name: Annotated[str, Field(max_length=100)] = ""
    project: Annotated[str, Field(max_length=100, description="slug")] = ""
    every: Annotated[float, Field(ge=0, le=2_592_000)] = 86_400.0
    options: dict[str, str] = {}
    location: Annotated[
        str, Field(max_length=60, description="slug of the location it is scanned from; ports alone")
    ] = ""


class TargetsOut(Schema):
    """All targets, the worst first."""

    items: list[TargetOut]


class ScanOut(Schema):
    """A scan: what it came to (`clean`, `found`, `blind`), how many findings are open, new, worse and fixed by it."""

    id: int
    target: int
    at: str
    seconds: float
    outcome: str
    found: int
    new: int
    worse: int
    fixed: int
    unknown: list[UnknownOut]
    facts: dict[str, str]


class ScansOut(Schema):
    """The last scans of a target, newest first."""

    items: list[ScanOut]


class TakenOut(Schema):
    """What came of a report: the scan, and the page of its target."""

    scan: ScanOut
    page: str


class BillOut(Schema):
    """What a target was made of at a release: `components` is how many."""

    id: int
    target: int
    release: str
    at: str
    seen_at: str
    components: int


class BillsOut(Schema):
    """The bills of a target, newest first."""

    items: list[BillOut]


class ComponentOut(Schema):
    """A package of a version; `ecosystem` as OSV names it."""

    ecosystem: str
    name: str
    version: str
    place: str


class ComponentsOut(Schema):
    """What a bill lists."""

    items: list[ComponentOut]


@router.post("/scans", response={201: TakenOut}, operation_id="send_scan", openapi_extra=_SENT)
@needs(Verb.FINDING_WRITE)
def send_scan(request: Request) -> Status[TakenOut]:
    """Take the report of a scan that was made elsewhere, such as in a pipeline; its target is made when it is new."""
    taken = service.take_sent(request.actor, service.read(request.body), ports().clock.now())
    return Status(
        201,
        TakenOut(
            scan=_scan(taken.scan),
            page=f"{ports().settings.base_url.rstrip('/')}/findings/targets/{taken.target.id}/",
        ),
    )


@router.get("/scans/targets", response=TargetsOut, operation_id="list_targets")
@needs(Verb.FINDING_READ)
def list_targets(request: Request) -> TargetsOut:
    """List what is scanned, the worst first."""
    return TargetsOut(items=[_target(one) for one in service.every()])


@router.post("/scans/targets", response={201: TargetOut}, operation_id="add_target")
@needs(Verb.SCAN_WRITE)
def add_target(request: Request, payload: TargetIn) -> Status[TargetOut]:
    """Have something scanned again and again by this server."""
    draft = Target(
        scanner=payload.scanner, target=payload.target, name=payload.name, every=payload.every, options=payload.options,
        location=payload.location, project=projects.project(payload.project).id if payload.project else 0,
    )  # fmt: skip
    return Status(201, _target(service.add(request.actor, draft, ports().clock.now())))


@router.delete("/scans/targets/{target}", response={204: None}, operation_id="remove_target")
@needs(Verb.SCAN_WRITE)
def remove_target(request: Request, target: Number) -> Status[None]:
    """Take a target away with its scans, bills and findings."""
    service.remove(request.actor, target, ports().clock.now())
    return Status(204, None)


@router.get("/scans/targets/{target}", response=TargetOut, operation_id="get_target")
@needs(Verb.FINDING_READ)
def get_target(request: Request, target: Number) -> TargetOut:
    """Return one target."""
    return _target(service.target(target))


@router.post("/scans/targets/{target}/run", response={202: TargetOut}, operation_id="run_target")
@needs(Verb.SCAN_WRITE)
def run_target(request: Request, target: Number) -> Status[TargetOut]:
    """Have a target scanned as soon as nothing else runs."""
    return Status(202, _target(service.run_now(request.actor, target, ports().clock.now())))


@router.get("/scans/targets/{target}/scans", response=ScansOut, operation_id="list_scans")
@needs(Verb.FINDING_READ)
def list_scans(request: Request, target: Number) -> ScansOut:
    """List the last scans of a target."""
    service.target(target)
    return ScansOut(items=[_scan(one) for one in service.scans(target)])


@router.get("/scans/targets/{target}/bills", response=BillsOut, operation_id="list_bills")
@needs(Verb.FINDING_READ)
def list_bills(request: Request, target: Number) -> BillsOut:
    """List the bills of a target."""
    service.target(target)
    return BillsOut(items=[_bill(one) for one in service.bills(target)])


@router.get("/scans/bills/{bill}", response=ComponentsOut, operation_id="get_bill")
@needs(Verb.FINDING_READ)
def get_bill(request: Request, bill: BillNumber) -> ComponentsOut:
    """Return what a bill lists."""
    service.bill(bill)
    parts = service.components(bill)
    return ComponentsOut(
        items=[
            ComponentOut(ecosystem=one.ecosystem, name=one.name, version=one.version, place=one.place)
            for one in parts
        ]
    )


def _target(one: Target) -> TargetOut:
    return TargetOut(
        id=one.id, scanner=one.scanner, target=one.target, name=one.name, project=one.project, host=one.host, every=one.every,
        enabled=one.enabled, release=one.release, location=one.location,
        outcome=one.outcome.value if one.outcome else None, sentence=one.sentence,
        last_at=_when(one.last_at), next_at=_when(one.next_at), running=one.running_since is not None,
    )  # fmt: skip


def _scan(one: Scan) -> ScanOut:
    return ScanOut(
        id=one.id, target=one.target, at=iso(one.at), seconds=one.seconds, outcome=one.outcome.value, found=one.found, new=one.new,
        worse=one.worse, fixed=one.fixed, unknown=[UnknownOut(subject=each.subject, why=each.why, fix=each.fix) for each in one.unknown],
        facts=dict(one.facts),
    )  # fmt: skip


def _bill(one: Bill) -> BillOut:
    return BillOut(
        id=one.id,
        target=one.target,
        release=one.release,
        at=iso(one.at),
        seen_at=iso(one.seen_at),
        components=one.n,
    )


def _when(at: float | None) -> str | None:
    return None if at is None else iso(at)
