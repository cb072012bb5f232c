"""Hosts in the REST API. A token of enrolment is in the answer that makes it, and never again."""

from typing import Annotated

from ninja import Path, Query, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid
from vedette.hosts import service
from vedette.hosts.types import DAY, HOUR, Invitation, Noted, Standing
from vedette.plumbing.ports import ports

router = Router(tags=["hosts"])
Key = Annotated[str, Path(max_length=80, description="the host's name or id")]
_MOST_BUCKETS = 2_000
_LATEST = 253_402_300_799.0  # the year 9999


class HostOut(Schema):
    """A host: how it fares (crit, warn, ok, off) in a sentence, when it was last heard of, and its last values by series.

    `clock_behind` is in seconds; `lost` are reports it had no room for; `modes` are what is done with sets of rules.
    """

    id: int
    name: str
    state: str
    tone: str
    sentence: str
    key: str
    enrolled_by: str
    enrolled_at: str
    heard_at: str | None
    version: str
    clock_behind: float
    lost: int
    rotating: bool
    modes: dict[str, str]
    score: float | None
    security_updates: int
    reboot_required: bool
    values: dict[str, float]


class HostsOut(Schema):
    """Every host, worst first."""

    items: list[HostOut]


class TokenOut(Schema):
    """A token of enrolment, without its secret: by whom, until when, and what became of it."""

    id: str
    created_by: str
    created_at: str
    expires_at: str
    used_at: str | None
    revoked_at: str | None


class TokensOut(Schema):
    """Tokens of enrolment, newest first."""

    items: list[TokenOut]


class TokenMade(Schema):
    """A token with its secret, which is shown this once, and the line to run on the host."""

    token: str
    command: str
    invitation: TokenOut


class ModesIn(Schema):
    """What a host does with sets of rules: off, simulate or enforce, by the set's name."""

    modes: dict[str, str]


class ForecastOut(Schema):
    """When a disk is full (null when that is not foreseen), in bytes and in a sentence."""

    subject: str
    used: float
    size: float
    per_day: float
    at: str | None
    sentence: str


class NotedOut(Schema):
    """Something that happened or changed on a host."""

    at: str
    kind: str
    subject: str
    text: str
    severity: str
    explanation: str
    before: str
    after: str


class EventsOut(Schema):
    """What happened on a host, newest first, and the cursor of what was before (null at the end)."""

    items: list[NotedOut]
    cursor: str | None


class ForecastsOut(Schema):
    """The disks of a host, the one that is full first."""

    items: list[ForecastOut]


class MeasuresOut(Schema):
    """Means by series in buckets of `step` seconds from `start` on; null where nothing was measured."""

    start: str
    step: float
    series: dict[str, list[float | None]]


@router.get("/hosts", response=HostsOut, operation_id="list_hosts")
@needs(Verb.HOST_READ)
def list_hosts(request: Request) -> HostsOut:
    """List the hosts that an agent watches, worst first."""
    return HostsOut(items=[_out(one) for one in service.overview(_now())])


@router.get("/host-tokens", response=TokensOut, operation_id="list_host_tokens")
@needs(Verb.HOST_WRITE)
def list_host_tokens(request: Request) -> TokensOut:
    """List the tokens of enrolment of the last days."""
    return TokensOut(items=[_token(one) for one in service.invitations()])


@router.post("/host-tokens", response={201: TokenMade}, operation_id="create_host_token")
@needs(Verb.HOST_WRITE)
def create_host_token(request: Request) -> Status[TokenMade]:
    """Make a token that lets one host in, once, within an hour."""
    token, made = service.invite(request.actor, _now())
    command = f"vedette agent enroll {ports().settings.public_url} {token}"
    return Status(201, TokenMade(token=token, command=command, invitation=_token(made)))


@router.delete("/host-tokens/{token}", response={204: None}, operation_id="revoke_host_token")
@needs(Verb.HOST_WRITE)
def revoke_host_token(
    request: Request, token: Annotated[str, Path(max_length=32, description="the token's id")]
) -> Status[None]:
    """Revoke a token that was not used yet."""
    service.withdraw(request.actor, token, _now())
    return Status(204, None)


@router.get("/hosts/{host}", response=HostOut, operation_id="get_host")
@needs(Verb.HOST_READ)
def get_host(request: Request, host: Key) -> HostOut:
    """Return a host."""
    return _out(service.of(service.find(host), _now()))


@router.put("/hosts/{host}/modes", response=HostOut, operation_id="set_host_modes")
@needs(Verb.HOST_WRITE)
def set_host_modes(request: Request, host: Key, payload: ModesIn) -> HostOut:
    """Say what a host does with sets of rules; those that are not named are simulated."""
    service.settle(request.actor, service.find(host), payload.modes, _now())
    return _out(service.of(service.find(host), _now()))


@router.post("/hosts/{host}/rotate", response=HostOut, operation_id="rotate_host_key")
@needs(Verb.HOST_WRITE)
def rotate_host_key(request: Request, host: Key) -> HostOut:
    """Have a host make a new key; the old one ends when the new one is first used."""
    service.rotate(request.actor, service.find(host), _now())
    return _out(service.of(service.find(host), _now()))


@router.post("/hosts/{host}/revoke", response=HostOut, operation_id="revoke_host")
@needs(Verb.HOST_WRITE)
def revoke_host(request: Request, host: Key) -> HostOut:
    """Let a host say and read nothing any more, at once."""
    service.revoke(request.actor, service.find(host), _now())
    return _out(service.of(service.find(host), _now()))


@router.delete("/hosts/{host}", response={204: None}, operation_id="remove_host")
@needs(Verb.HOST_WRITE)
def remove_host(request: Request, host: Key) -> Status[None]:
    """Remove a host with all that is known of it."""
    service.remove(request.actor, service.find(host), _now())
    return Status(204, None)


@router.get("/hosts/{host}/forecasts", response=ForecastsOut, operation_id="list_host_forecasts")
@needs(Verb.HOST_READ)
def list_host_forecasts(request: Request, host: Key) -> ForecastsOut:
    """Tell when each disk of a host is full, by the hours of the last week."""
    found = service.forecasts(service.find(host), _now())
    return ForecastsOut(
        items=[
            ForecastOut(
                subject=one.subject, used=one.used, size=one.size, per_day=one.per_day, sentence=one.sentence,
                at=None if one.at is None else iso(one.at),
            )
            for one in found
        ]
    )  # fmt: skip


@router.get("/hosts/{host}/events", response=EventsOut, operation_id="list_host_events")
@needs(Verb.HOST_READ)
def list_host_events(
    request: Request,
    host: Key,
    cursor: Annotated[str, Query(max_length=40, description="from the page before")] = "",
    n: Annotated[int, Query(ge=1, le=200)] = 50,
) -> EventsOut:
    """List what happened and changed on a host."""
    found, more = service.events(service.find(host), cursor, n)
    return EventsOut(items=[_noted(one) for one in found], cursor=more)


@router.get("/hosts/{host}/measures", response=MeasuresOut, operation_id="get_host_measures")
@needs(Verb.HOST_READ)
def get_host_measures(  # noqa: PLR0917 - the parameters of an operation
    request: Request,
    host: Key,
    start: Annotated[str, Query(max_length=40, description="ISO 8601; an hour ago without it")] = "",
    end: Annotated[str, Query(max_length=40, description="ISO 8601; now without it")] = "",
    step: Annotated[float, Query(ge=10, le=86_400, description="seconds of one value")] = 60,
    series: Annotated[str, Query(max_length=200, description="how the names of series begin; all without it")] = "",
) -> MeasuresOut:  # fmt: skip
    """Return what was measured on a host, as a mean in each step."""
    until = _instant(end, "end", _now())
    since = _instant(start, "start", until - HOUR)
    if not 0 < until - since <= min(step * _MOST_BUCKETS, 400 * DAY):
        raise Invalid(f"Ask for at most {_MOST_BUCKETS:,} steps.", {"start": "too long before the end"})
    found = service.levels(service.find(host), lambda name: name.startswith(series), since, until, step)
    rows = {name: [None if one is None else one[1] for one in row] for name, row in found.items()}
    return MeasuresOut(start=iso(since), step=step, series=rows)


def _instant(text: str, field: str, otherwise: float) -> float:
    if not text:
        return otherwise
    try:
        found = float(text) if text.replace(".", "", 1).isdigit() else parse_iso(text)
    except (ValueError, OverflowError):
        found = -1.0
    if not 0 <= found <= _LATEST:
        raise Invalid("This is no instant.", {field: "write ISO 8601"})
    return found


def _out(one: Standing) -> HostOut:
    host, facts = one.host, one.facts
    return HostOut(
        id=host.id, name=host.name, state=host.state, tone=one.tone, sentence=one.sentence, key=host.key,
        enrolled_by=host.by, enrolled_at=iso(host.enrolled_at), heard_at=None if host.heard_at is None else iso(host.heard_at),
        version=host.version, clock_behind=host.skew, lost=host.lost, rotating=host.rotate, modes=dict(host.modes),
        score=facts.score, security_updates=facts.security, reboot_required=facts.reboot_required, values=dict(one.values),
    )  # fmt: skip


def _token(one: Invitation) -> TokenOut:
    used, gone = (None if at is None else iso(at) for at in (one.used_at, one.revoked_at))
    return TokenOut(
        id=one.id, created_by=one.by, created_at=iso(one.created_at), expires_at=iso(one.expires_at), used_at=used,
        revoked_at=gone,
    )  # fmt: skip


def _noted(one: Noted) -> NotedOut:
    return NotedOut(
        at=iso(one.at), kind=one.kind, subject=one.subject, text=one.text, severity=one.severity,
        explanation=one.explanation, before=one.before, after=one.after,
    )  # fmt: skip


def _now() -> float:
    return ports().clock.now()
