"""Bans, the allowlist, lists of others, detections and sets of rules in the REST API."""

from typing import Annotated

from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid, NotFound
from vedette.intrusions import service
from vedette.intrusions.types import DAY, Allowed, Ban, Blocklist, Seen
from vedette.plumbing.ports import ports
from vedette.wire.agent.deciding.spelling import duration

router = Router(tags=["bans"])
Value = Annotated[str, Query(min_length=1, max_length=60, description="an address or a network (CIDR)")]
Size = Annotated[int, Query(ge=1, le=200, description="how many")]
Cursor = Annotated[str, Query(max_length=120, description="of the page before")]
_REASON = Annotated[str, Field(max_length=200)]


class BanOut(Schema):
    """What is in force: about whom (`scope`, `value`), until when, why, by which rule, and who said so."""

    scope: str
    value: str
    measure: str
    at: str
    until: str
    reason: str
    rule: str
    origin: str


class BansOut(Schema):
    """Bans that stand, the newest first, and the cursor of the next page (null at the end)."""

    items: list[BanOut]
    cursor: str | None


class BanIn(Schema):
    """Whom to ban, and how long: `until` (ISO 8601), or `lasts` (30min, 4h, 2d12h; 4h without either)."""

    value: Annotated[str, Field(min_length=1, max_length=60)]
    until: Annotated[str, Field(max_length=40)] = ""
    lasts: Annotated[str, Field(max_length=20)] = "4h"
    reason: _REASON = ""


class LiftedOut(Schema):
    """What stood and is lifted."""

    lifted: list[str]


class AllowedOut(Schema):
    """A network of the allowlist."""

    network: str
    by: str
    at: str
    note: str


class AllowlistOut(Schema):
    """The allowlist, newest first; `never` are addresses that are never banned anyway, each with why."""

    items: list[AllowedOut]
    never: dict[str, str]


class AllowIn(Schema):
    """Whom never to ban, and who that is."""

    value: Annotated[str, Field(min_length=1, max_length=60)]
    note: _REASON = ""


class WelcomeOut(Schema):
    """A network that is allowed now, and whose bans that lifted."""

    network: str
    lifted: list[str]


class BlocklistOut(Schema):
    """A list of others: seconds between readings and for which an entry counts; `problem` is why the last reading failed."""

    name: str
    source: str
    every: float
    lasts: float
    added_by: str
    read_at: str | None
    entries: int
    left_out: int
    problem: str


class BlocklistsOut(Schema):
    """The lists of others, by name."""

    items: list[BlocklistOut]


class BlocklistIn(Schema):
    """A list of others: a URL, or a file in a folder of `check_folders`."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    source: Annotated[str, Field(min_length=1, max_length=500)]
    every: float = 3_600.0
    lasts: float = 86_400.0


class DetectionOut(Schema):
    """What was detected: where (a host, or `app:<project>` of a guard), by which rule, about whom, on what lines."""

    id: int
    at: str
    place: str
    rule: str
    severity: str
    service: str
    reason: str
    address: str
    value: str
    user: str
    count: int
    simulated: bool
    lines: list[str]


class DetectionsOut(Schema):
    """Detections, newest first, and the cursor of the next page (null at the end)."""

    items: list[DetectionOut]
    cursor: str | None


class SetsOut(Schema):
    """What is done with sets of rules on hosts that are told nothing of their own; one that is not named is simulated."""

    modes: dict[str, str]


class ModeIn(Schema):
    """off, simulate or enforce."""

    mode: Annotated[str, Field(max_length=10)]


@router.get("/bans", response=BansOut, operation_id="list_bans")
@needs(Verb.BAN_READ)
def list_bans(request: Request, cursor: Cursor = "", n: Size = 50) -> BansOut:
    """List the bans that stand, the newest first."""
    found = service.standing(_now(), _place(cursor), n)
    more = f"{found[-1].at!r} {found[-1].target.value}" if len(found) == n else None
    return BansOut(items=[_ban(one) for one in found], cursor=more)


@router.post("/bans", response={201: BanOut}, operation_id="create_ban")
@needs(Verb.BAN_WRITE)
def create_ban(request: Request, payload: BanIn) -> Status[BanOut]:
    """Ban an address (an IPv6 address stands for its /64) or a network, on every host and behind every guard."""
    now = _now()
    try:
        until = parse_iso(payload.until) if payload.until else now + duration(payload.lasts)
    except (ValueError, OverflowError):
        raise Invalid("This is no instant.", {"until": "write ISO 8601"}) from None
    return Status(201, _ban(service.ban(request.actor, payload.value, until, payload.reason, now)))


@router.delete("/bans", response=LiftedOut, operation_id="delete_ban")
@needs(Verb.BAN_WRITE)
def delete_ban(
    request: Request, value: Value, reason: Annotated[str, Query(max_length=200, description="why")] = ""
) -> LiftedOut:
    """Unban an address, or a network and all in it; lines from before ban nobody again."""
    return LiftedOut(lifted=list(service.unban(request.actor, value, reason, _now())))


@router.get("/allowlist", response=AllowlistOut, operation_id="list_allowed")
@needs(Verb.BAN_READ)
def list_allowed(request: Request) -> AllowlistOut:
    """List who is never banned."""
    return AllowlistOut(
        items=[_allowed(one) for one in service.allowed()], never=dict(service.never_banned(_now()))
    )


@router.post("/allowlist", response={201: WelcomeOut}, operation_id="create_allowed")
@needs(Verb.BAN_WRITE)
def create_allowed(request: Request, payload: AllowIn) -> Status[WelcomeOut]:
    """Never ban an address or network; its bans are lifted everywhere."""
    net, lifted = service.allow(request.actor, payload.value, payload.note, _now())
    return Status(201, WelcomeOut(network=net, lifted=list(lifted)))


@router.delete("/allowlist", response={204: None}, operation_id="delete_allowed")
@needs(Verb.BAN_WRITE)
def delete_allowed(request: Request, value: Value) -> Status[None]:
    """Take an address or network off the allowlist."""
    service.disallow(request.actor, value, _now())
    return Status(204, None)


@router.get("/blocklists", response=BlocklistsOut, operation_id="list_blocklists")
@needs(Verb.BAN_READ)
def list_blocklists(request: Request) -> BlocklistsOut:
    """List the lists of others, and how their last reading went."""
    return BlocklistsOut(items=[_list(one) for one in service.blocklists_of()])


@router.post("/blocklists", response={201: BlocklistOut}, operation_id="create_blocklist")
@needs(Verb.HOST_WRITE)
def create_blocklist(request: Request, payload: BlocklistIn) -> Status[BlocklistOut]:
    """Add a list of others; it is read within half a minute."""
    service.add_list(request.actor, payload.name, payload.source, payload.every, payload.lasts, _now())
    return Status(201, _list(_found(payload.name)))


@router.delete("/blocklists/{name}", response={204: None}, operation_id="delete_blocklist")
@needs(Verb.HOST_WRITE)
def delete_blocklist(
    request: Request, name: Annotated[str, Path(max_length=40, description="the list's name")]
) -> Status[None]:
    """Remove a list; what only it named is banned no longer."""
    service.remove_list(request.actor, name, _now())
    return Status(204, None)


@router.get("/detections", response=DetectionsOut, operation_id="list_detections")
@needs(Verb.BAN_READ)
def list_detections(
    request: Request,
    value: Annotated[str, Query(max_length=60, description="about one address alone")] = "",
    cursor: Cursor = "",
    n: Size = 50,
) -> DetectionsOut:
    """List what hosts and guards detected, newest first."""
    about = service.target_of(value).value if value else ""
    found = service.detected(
        int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 19 else None, n, about
    )
    return DetectionsOut(
        items=[_seen(one) for one in found], cursor=str(found[-1].id) if len(found) == n else None
    )


@router.get("/rule-sets", response=SetsOut, operation_id="list_rule_sets")
@needs(Verb.BAN_READ)
def list_rule_sets(request: Request) -> SetsOut:
    """Return what is done with sets of rules on all hosts."""
    return SetsOut(modes=dict(service.modes()))


@router.put("/rule-sets/{name}", response=SetsOut, operation_id="set_rule_set")
@needs(Verb.HOST_WRITE)
def set_rule_set(
    request: Request, name: Annotated[str, Path(max_length=80, description="the set's name")], payload: ModeIn
) -> SetsOut:
    """Say what is done with a set of rules on every host that is told nothing of its own."""
    service.set_mode(request.actor, name, payload.mode, _now())
    return SetsOut(modes=dict(service.modes()))


def _place(cursor: str) -> tuple[float, str] | None:
    at, _, value = cursor.partition(" ")
    try:
        return (float(at), value) if cursor else None
    except ValueError:
        raise Invalid("This cursor is of no page.", {"cursor": "unknown"}) from None


def _found(name: str) -> Blocklist:
    found = next((one for one in service.blocklists_of() if one.name == name), None)
    if found is None:
        raise NotFound("There is no such list.")
    return found


def _ban(one: Ban) -> BanOut:
    return BanOut(
        scope=one.target.scope, value=one.target.value, measure=one.measure, at=iso(one.at), until=iso(min(one.until, one.at + 5_000 * DAY)),
        reason=one.reason, rule=one.rule, origin=one.origin,
    )  # fmt: skip


def _allowed(one: Allowed) -> AllowedOut:
    return AllowedOut(network=one.network, by=one.by, at=iso(one.at), note=one.note)


def _list(one: Blocklist) -> BlocklistOut:
    return BlocklistOut(
        name=one.name, source=one.source, every=one.every, lasts=one.lasts, added_by=one.by,
        read_at=iso(one.read_at) if one.read_at else None, entries=one.entries, left_out=one.left, problem=one.problem,
    )  # fmt: skip


def _seen(one: Seen) -> DetectionOut:
    told = one.detection
    return DetectionOut(
        id=one.id, at=iso(told.at), place=one.place, rule=told.rule, severity=told.severity, service=told.service,
        reason=told.reason, address=told.address, value=one.value, user=told.user, count=told.count,
        simulated=told.simulated, lines=list(told.lines),
    )  # fmt: skip


def _now() -> float:
    return ports().clock.now()
