"""Monitors in the REST API. A monitor's config is the JSON of `monitors.types.Config`; secrets go in and never come out."""

import json
from typing import Annotated, Any

import msgspec
from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid
from vedette.monitors import requesting, service, signal
from vedette.monitors.types import DAY, HEARTBEAT, Config, MonitorDraft, Watched
from vedette.plumbing.ports import ports
from vedette.plumbing.telemetry.port import Span
from vedette.projects import service as projects

router = Router(tags=["monitors"])
Key = Annotated[str, Path(max_length=50, description="slug or id")]
Instant = Annotated[str, Query(max_length=40, description="ISO 8601, UTC without a zone")]
ConfigIn = Annotated[dict[str, Any], Field(default_factory=dict)]  # Any: read by service.config_of
_LONGEST = 400 * DAY
_MOST_CHANGES = 1_000


class MonitorIn(Schema):
    """A monitor as it is asked for. Without a project it belongs to none; without a slug its name makes one."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    kind: Annotated[str, Field(max_length=20)] = HEARTBEAT
    project: Annotated[str, Field(max_length=50)] = ""
    slug: Annotated[str, Field(max_length=50)] = ""
    config: ConfigIn
    secrets: Annotated[dict[str, str], Field(default_factory=dict)]


class MonitorChange(Schema):
    """What may change of a monitor: all of its config at once. Secrets stay when none are named."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    config: ConfigIn
    secrets: dict[str, str] | None = None


class MonitorOut(Schema):
    """A monitor and where it stands: waiting, up, degraded, down or unknown, since when and why.

    `ping_url` is the address of its heartbeats, for those who may change monitors; for others, credentials in the URLs of
    `config` are dots. `due_at` is until when the next heartbeat must come.
    """

    id: int
    slug: str
    name: str
    kind: str
    project: str | None
    source: str
    paused: bool
    config: dict[str, Any]
    ping_url: str | None
    state: str
    since: str | None
    reason: str
    cause: str
    flapping: bool
    checked_at: str | None
    due_at: str | None
    certificate_ends_at: str | None
    page: str


class MonitorsOut(Schema):
    """A page of monitors by slug; `cursor` leads to the next one, null at the end."""

    items: list[MonitorOut]
    cursor: str | None


class PingOut(Schema):
    """A heartbeat as it was heard; `body` is what was sent with it, as text, cut to 4,096 characters."""

    at: str
    kind: str
    exit_status: int | None
    run: str
    client: str
    address: str
    body: str


class PingsOut(Schema):
    """A page of heartbeats, newest first; `cursor` leads to the next one, null at the end."""

    items: list[PingOut]
    cursor: str | None


class TriedPhases(Schema):
    """Milliseconds of each phase; null for one that was not reached or is not part of it."""

    dns: float | None
    connect: float | None
    tls: float | None
    first_byte: float | None
    transfer: float | None
    total: float


class TriedOut(Schema):
    """What one check found now. `cause` is empty when all is fine; `evidence` is what was seen, secrets as dots."""

    ok: bool
    at: str
    cause: str
    sentence: str
    phases: TriedPhases
    evidence: dict[str, Any]


class ChangeOut(Schema):
    """From when on it was in a state."""

    at: str
    state: str


class BudgetOut(Schema):
    """The error budget of its objective, in seconds."""

    allowed: float
    spent: float
    left: float


class UptimeOut(Schema):
    """How it did between two instants: seconds up, down and not known, the share it was up (null when nothing is known).

    `changes` are the last thousand.
    """

    start: str
    end: str
    up: float
    down: float
    unknown: float
    share: float | None
    changes: list[ChangeOut]
    budget: BudgetOut | None


@router.get("/monitors", response=MonitorsOut, operation_id="list_monitors")
@needs(Verb.MONITOR_READ)
def list_monitors(
    request: Request,
    project: Annotated[str, Query(max_length=50)] = "",
    kind: Annotated[str, Query(max_length=20)] = "",
    cursor: str = "",
    n: Annotated[int, Query(ge=1, le=100)] = 50,
) -> MonitorsOut:
    """List monitors by slug, of one project or kind where that is named."""
    owner = projects.project(project).id if project else None
    found, after = service.page(cursor or None, n, owner, kind or None)
    slugs = _slugs()
    return MonitorsOut(items=[_out(request, one, slugs) for one in found], cursor=after)


@router.post("/monitors", response={201: MonitorOut}, operation_id="create_monitor")
@needs(Verb.MONITOR_WRITE)
def create_monitor(request: Request, payload: MonitorIn) -> Status[MonitorOut]:
    """Make a monitor; it is watched at once."""
    owner = projects.project(payload.project).id if payload.project else 0
    draft = MonitorDraft(
        name=payload.name, kind=payload.kind, slug=payload.slug, config=_config(payload.config),
        secrets=payload.secrets,
    )  # fmt: skip
    made = service.create(request.actor, owner, draft, _now())
    return Status(201, _out(request, Watched(made), _slugs()))


@router.get("/monitors/{monitor}", response=MonitorOut, operation_id="get_monitor")
@needs(Verb.MONITOR_READ)
def get_monitor(request: Request, monitor: Key) -> MonitorOut:
    """Return a monitor and where it stands."""
    return _shown(request, monitor)


@router.put("/monitors/{monitor}", response=MonitorOut, operation_id="change_monitor")
@needs(Verb.MONITOR_WRITE)
def change_monitor(request: Request, monitor: Key, payload: MonitorChange) -> MonitorOut:
    """Change name, config and secrets of a monitor; kind, slug and project stay."""
    before = service.find(monitor)
    draft = MonitorDraft(
        name=payload.name, kind=before.kind, config=_config(payload.config), secrets=payload.secrets
    )
    service.update(request.actor, before, draft, _now())
    return _shown(request, str(before.id))


@router.delete("/monitors/{monitor}", response={204: None}, operation_id="remove_monitor")
@needs(Verb.MONITOR_WRITE)
def remove_monitor(request: Request, monitor: Key) -> Status[None]:
    """Remove a monitor with all that is kept of it."""
    before = service.find(monitor)
    service.remove(request.actor, before, _now())
    return Status(204, None)


@router.put("/monitors/{monitor}/pause", response=MonitorOut, operation_id="pause_monitor")
@needs(Verb.MONITOR_WRITE)
def pause_monitor(request: Request, monitor: Key) -> MonitorOut:
    """Stop to watch a monitor; what was told of it is over."""
    found = service.pause(request.actor, service.find(monitor), _now(), paused=True)
    return _shown(request, str(found.id))


@router.delete("/monitors/{monitor}/pause", response=MonitorOut, operation_id="resume_monitor")
@needs(Verb.MONITOR_WRITE)
def resume_monitor(request: Request, monitor: Key) -> MonitorOut:
    """Watch a monitor again; it waits until something is heard of it."""
    found = service.pause(request.actor, service.find(monitor), _now(), paused=False)
    return _shown(request, str(found.id))


@router.post("/monitors/{monitor}/check", response=TriedOut, operation_id="check_monitor")
@needs(Verb.MONITOR_WRITE)
def check_monitor(request: Request, monitor: Key) -> TriedOut:
    """Look once, now, for at most 30 seconds. Nothing is kept of it, and nobody is told."""
    one = service.find(monitor)
    found = service.try_now(request.actor, one.project, one)
    return TriedOut(
        ok=found.ok, at=iso(found.at), cause=found.code, sentence=found.sentence,
        phases=TriedPhases(**msgspec.to_builtins(found.phases)), evidence=msgspec.to_builtins(found.evidence),
    )  # fmt: skip


@router.get("/monitors/{monitor}/pings", response=PingsOut, operation_id="list_pings")
@needs(Verb.MONITOR_READ)
def list_pings(
    request: Request, monitor: Key, cursor: str = "", n: Annotated[int, Query(ge=1, le=100)] = 50
) -> PingsOut:
    """List the heartbeats of a monitor, newest first, as long as they are kept."""
    found, after = service.pings(service.find(monitor), Span(0.0, _now() + DAY), n, cursor or None)
    items = [
        PingOut(
            at=iso(one.ping.at), kind=str(one.ping.kind), exit_status=one.ping.code, run=one.ping.run,
            client=one.client, address=one.address, body=one.body.decode(errors="replace")[:4_096],
        )
        for one in found
    ]  # fmt: skip
    return PingsOut(items=items, cursor=after)


@router.get("/monitors/{monitor}/uptime", response=UptimeOut, operation_id="get_uptime")
@needs(Verb.MONITOR_READ)
def get_uptime(request: Request, monitor: Key, start: Instant = "", end: Instant = "") -> UptimeOut:
    """Return how a monitor did between two instants (the last 30 days when none are named), and its error budget by now."""
    one, now = service.find(monitor), _now()
    until = min(now, _instant(end, "end", now))
    since = _instant(start, "start", until - 30 * DAY)
    if not 0 <= until - since <= _LONGEST:
        raise Invalid(
            "The end lies after the start, by at most 400 days.", {"end": "before the start, or too far"}
        )
    found, budget = service.uptime(one, since, until), service.budget(one, now)
    left = None if budget is None else BudgetOut(allowed=budget.allowed, spent=budget.spent, left=budget.left)
    return UptimeOut(
        start=iso(since), end=iso(until), up=found.up, down=found.down, unknown=found.unknown, share=found.share,
        changes=[ChangeOut(at=iso(c.at), state=str(c.state)) for c in service.changes(one, since, until)[-_MOST_CHANGES:]],
        budget=left,
    )  # fmt: skip


def _config(told: dict[str, Any]) -> Config:
    return service.config_of(json.dumps(told).encode())


def _instant(text: str, field: str, default: float) -> float:
    try:
        at = parse_iso(text) if text else default
    except (ValueError, OverflowError):
        raise Invalid(
            f"{field} is not a time; write 2026-11-24T02:14:00Z.", {field: "not ISO 8601"}
        ) from None
    if not 0 <= at <= 253_402_300_799:  # the year 9999
        raise Invalid(f"{field} lies before 1970 or after 9999.", {field: "out of bounds"})
    return at


def _shown(request: Request, key: str) -> MonitorOut:
    (found,) = service.watched([service.find(key)])
    return _out(request, found, _slugs())


def _out(request: Request, one: Watched, slugs: dict[int, str]) -> MonitorOut:
    monitor, known = one.monitor, one.known
    writes = may(request.actor, Verb.MONITOR_WRITE).allowed
    config = json.loads(msgspec.json.encode(monitor.config))
    if not writes and "request" in config:
        config["request"] = requesting.shown(monitor.config.request)
    return MonitorOut(
        id=monitor.id, slug=monitor.slug, name=monitor.name, kind=monitor.kind, project=slugs.get(monitor.project),
        source=monitor.source, paused=monitor.paused, config=config,
        ping_url=service.ping_url(monitor) if writes and monitor.kind == HEARTBEAT else None, state=str(known.standing.state),
        since=iso(known.standing.since) if known.standing.since else None, reason=known.standing.reason,
        cause=known.standing.cause, flapping=known.standing.flapping, checked_at=_iso(known.standing.heard),
        due_at=_iso(known.due), certificate_ends_at=_iso(known.certificate.expires), page=signal.link(monitor),
    )  # fmt: skip


def _iso(at: float | None) -> str | None:
    return None if at is None else iso(at)


def _slugs() -> dict[int, str]:
    return {one.id: one.slug for one in projects.projects()}


def _now() -> float:
    return ports().clock.now()
