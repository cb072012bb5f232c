"""REST resources of notify: channels and deliveries. Secrets are written, never read."""

from collections.abc import Callable
from typing import Annotated

from django.http import HttpResponse
from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso
from vedette.notify import service
from vedette.notify.types import ChannelError, ChannelRef, Delivery, DeliveryState, Receipt
from vedette.notify.views.common import Request
from vedette.plumbing.ports import ports
from vedette.ui import pager
from vedette.ui.problem import problem

router = Router(tags=["notifications"])
Id = Annotated[int, Path(ge=1, le=2**53)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Config = dict[str, Annotated[str, Field(max_length=4_000)]]


class ChannelIn(Schema):
    """A channel as it is written; a secret left out of `config` stays as it is."""

    kind: Annotated[str, Field(max_length=40)]
    name: Name
    config: Config
    enabled: bool = True
    default: bool = True


class OwnChannelChange(Schema):
    """What may be changed of a channel of one's own; what is left out stays."""

    name: Name | None = None
    config: Config | None = None
    enabled: bool | None = None


class ChannelChange(OwnChannelChange):
    """What may be changed of a channel; what is left out stays."""

    default: bool | None = None


class ChannelOut(Schema):
    """A channel; secrets in `config` are dots."""

    id: int
    kind: str
    name: str
    config: dict[str, str]
    enabled: bool
    default: bool
    created_at: str
    failing_since: str | None
    last_error: str


class ChannelsOut(Schema):
    """Every channel; `cursor` is always null, for there is one page."""

    items: list[ChannelOut]
    cursor: str | None = None


class ReceiptOut(Schema):
    """What the receiver answered."""

    detail: str


class AttemptOut(Schema):
    """One try."""

    number: int
    at: str
    ok: bool
    detail: str


class DeliveryOut(Schema):
    """A notice and what became of it."""

    id: int
    channel_id: int | None
    channel: str
    title: str
    reason: str
    severity: str
    link: str
    idempotency_key: str
    state: str
    queued_at: str
    done_at: str | None
    next_at: str | None
    detail: str
    acknowledged: str
    attempts: list[AttemptOut]


class DeliveriesOut(Schema):
    """A page of the delivery log."""

    items: list[DeliveryOut]
    cursor: str | None


class OwnChannelIn(Schema):
    """A channel of one's own as it is written."""

    kind: Annotated[str, Field(max_length=40)]
    name: Name
    config: Config
    enabled: bool = True


class FollowedOut(Schema):
    """The keys of the issues one follows, the latest first (at most 100)."""

    items: list[str]
    cursor: str | None = None


@router.get("/channels", response=ChannelsOut, operation_id="list_channels")
@needs(Verb.CHANNEL_READ)
def list_channels(request: Request) -> ChannelsOut:
    """Return every channel."""
    return ChannelsOut(items=[_channel(ref) for ref in service.channels()])


@router.post("/channels", response={201: ChannelOut}, operation_id="create_channel")
@needs(Verb.CHANNEL_WRITE)
def create_channel(request: Request, payload: ChannelIn) -> Status[ChannelOut]:
    """Add a channel."""
    made = service.create_channel(
        request.actor,
        payload.kind,
        payload.name,
        payload.config,
        ports().clock.now(),
        enabled=payload.enabled,
        default=payload.default,
    )
    return Status(201, _channel(made))


@router.get("/channels/{channel_id}", response=ChannelOut, operation_id="get_channel")
@needs(Verb.CHANNEL_READ)
def get_channel(request: Request, channel_id: Id) -> ChannelOut:
    """Return one channel."""
    return _channel(service.channel(channel_id))


@router.patch("/channels/{channel_id}", response=ChannelOut, operation_id="change_channel")
@needs(Verb.CHANNEL_WRITE)
def change_channel(request: Request, channel_id: Id, payload: ChannelChange) -> ChannelOut:
    """Change a channel."""
    before = service.channel(channel_id)
    changed = service.update_channel(
        request.actor,
        channel_id,
        *_wanted(before, payload),
        ports().clock.now(),
        enabled=before.enabled if payload.enabled is None else payload.enabled,
        default=before.default if payload.default is None else payload.default,
    )
    return _channel(changed)


@router.delete("/channels/{channel_id}", response={204: None}, operation_id="delete_channel")
@needs(Verb.CHANNEL_WRITE)
def delete_channel(request: Request, channel_id: Id) -> Status[None]:
    """Delete a channel."""
    service.delete_channel(request.actor, channel_id, ports().clock.now())
    return Status(204, None)


@router.post("/channels/{channel_id}/test", response=ReceiptOut, operation_id="test_channel")
@needs(Verb.CHANNEL_WRITE)
def test_channel(request: Request, channel_id: Id) -> ReceiptOut | HttpResponse:
    """Send a test; 424 with the receiver's words when it did not arrive."""
    return _tested(lambda: service.test(request.actor, channel_id, ports().clock.now()))


def _wanted(before: ChannelRef, change: OwnChannelChange) -> tuple[str, dict[str, str]]:
    """Return the name and the configuration a channel gets by a change."""
    return before.name if change.name is None else change.name, {**before.config, **(change.config or {})}


def _tested(send: Callable[[], Receipt]) -> ReceiptOut | HttpResponse:
    try:
        return ReceiptOut(detail=send().detail)
    except ChannelError as error:
        return problem(424, str(error), "The test did not arrive")


@router.get("/deliveries", response=DeliveriesOut, operation_id="list_deliveries")
@needs(Verb.CHANNEL_READ)
def list_deliveries(
    request: Request,
    channel: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    state: DeliveryState | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=pager.MAX_PAGE)] = 25,
) -> DeliveriesOut:
    """Return the delivery log, newest first."""
    page = service.deliveries(channel_id=channel, state=state, cursor=cursor, n=limit)
    return DeliveriesOut(items=[_delivery(each) for each in page.deliveries], cursor=page.cursor)


@router.get("/me/channels", response=ChannelsOut, operation_id="list_my_channels")
@needs(Verb.NOTIFY_OWN)
def list_my_channels(request: Request) -> ChannelsOut:
    """Return every channel of one's own."""
    return ChannelsOut(items=[_channel(ref) for ref in service.own_channels(request.actor)])


@router.post("/me/channels", response={201: ChannelOut}, operation_id="create_my_channel")
@needs(Verb.NOTIFY_OWN)
def create_my_channel(request: Request, payload: OwnChannelIn) -> Status[ChannelOut]:
    """Add a channel of one's own."""
    now = ports().clock.now()
    made = service.create_own(
        request.actor, payload.kind, payload.name, payload.config, now, enabled=payload.enabled
    )
    return Status(201, _channel(made))


@router.patch("/me/channels/{channel_id}", response=ChannelOut, operation_id="change_my_channel")
@needs(Verb.NOTIFY_OWN)
def change_my_channel(request: Request, channel_id: Id, payload: OwnChannelChange) -> ChannelOut:
    """Change a channel of one's own."""
    before = service.own_channel(request.actor, channel_id)
    changed = service.update_own(
        request.actor,
        channel_id,
        *_wanted(before, payload),
        ports().clock.now(),
        enabled=before.enabled if payload.enabled is None else payload.enabled,
    )
    return _channel(changed)


@router.delete("/me/channels/{channel_id}", response={204: None}, operation_id="delete_my_channel")
@needs(Verb.NOTIFY_OWN)
def delete_my_channel(request: Request, channel_id: Id) -> Status[None]:
    """Delete a channel of one's own."""
    service.delete_own(request.actor, channel_id, ports().clock.now())
    return Status(204, None)


@router.post("/me/channels/{channel_id}/test", response=ReceiptOut, operation_id="test_my_channel")
@needs(Verb.NOTIFY_OWN)
def test_my_channel(request: Request, channel_id: Id) -> ReceiptOut | HttpResponse:
    """Send a test to a channel of one's own; 424 with the receiver's words when it did not arrive."""
    return _tested(lambda: service.test_own(request.actor, channel_id, ports().clock.now()))


@router.get("/me/deliveries", response=DeliveriesOut, operation_id="list_my_deliveries")
@needs(Verb.NOTIFY_OWN)
def list_my_deliveries(
    request: Request,
    state: DeliveryState | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=pager.MAX_PAGE)] = 25,
) -> DeliveriesOut:
    """Return what was sent to one's own channels, newest first."""
    page = service.deliveries(state=state, cursor=cursor, n=limit, owner=request.actor.id)
    return DeliveriesOut(items=[_delivery(each) for each in page.deliveries], cursor=page.cursor)


@router.get("/me/followed", response=FollowedOut, operation_id="list_followed")
@needs(Verb.NOTIFY_OWN)
def list_followed(request: Request) -> FollowedOut:
    """Return the issues one follows."""
    return FollowedOut(items=list(service.followed(request.actor)))


def _channel(ref: ChannelRef) -> ChannelOut:
    return ChannelOut(
        id=ref.id,
        kind=ref.kind,
        name=ref.name,
        config=dict(ref.config),
        enabled=ref.enabled,
        default=ref.default,
        created_at=iso(ref.created_at),
        failing_since=_iso(ref.failing_since),
        last_error=ref.last_error,
    )


def _delivery(each: Delivery) -> DeliveryOut:
    return DeliveryOut(
        id=each.id,
        channel_id=each.channel_id,
        channel=each.channel,
        title=each.title,
        reason=each.reason,
        severity=each.severity,
        link=each.link,
        idempotency_key=each.idempotency_key,
        state=each.state.value,
        queued_at=iso(each.queued_at),
        done_at=_iso(each.done_at),
        next_at=_iso(each.next_at),
        detail=each.detail,
        acknowledged=each.acknowledged,
        attempts=[AttemptOut(number=a.number, at=iso(a.at), ok=a.ok, detail=a.detail) for a in each.attempts],
    )


def _iso(instant: float | None) -> str | None:
    return None if instant is None else iso(instant)
