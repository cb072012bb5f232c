"""Telling people: channels, the outbox of notices, and what became of each."""

from collections.abc import Mapping, Sequence

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core import ids
from vedette.core.errors import Invalid, NotFound
from vedette.notify import backoff, delivering, sealing
from vedette.notify import verdict as verdicts
from vedette.notify.channels import registry
from vedette.notify.store import channels as store
from vedette.notify.store import deliveries as log
from vedette.notify.store.channels import StoredChannel
from vedette.notify.types import (
    TOPIC,
    Channel,
    ChannelError,
    ChannelRef,
    Delivery,
    DeliveryPage,
    DeliveryState,
    Lag,
    Notice,
    Receipt,
)
from vedette.notify.verdict import Verdict
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.ui import pager

KEEP_SECONDS = 35 * 86_400.0
_CHUNK = 1_000


def kinds() -> Mapping[str, Channel]:
    """Return the kinds of channels there are."""
    return registry.kinds()


def channels() -> tuple[ChannelRef, ...]:
    """Return every channel by name, secrets as dots."""
    return tuple(_ref(channel) for channel in store.all_channels())


def channel(channel_id: int) -> ChannelRef:
    """Return one channel; raises `NotFound`."""
    return _ref(_found(channel_id))


def where(ref: ChannelRef) -> str:
    """Return where a channel leads in a few words: its first setting that is no secret, else its kind."""
    kind = registry.kind(ref.kind)
    shown = [ref.config.get(field.name, "") for field in kind.fields if not field.secret]
    return next((value for value in shown if value), kind.label)


def create_channel(
    actor: Actor,
    kind: str,
    name: str,
    config: Mapping[str, str],
    now: float,
    *,
    enabled: bool = True,
    default: bool = True,
) -> ChannelRef:
    """Add a channel; raises `Invalid` naming the wrong fields, `Forbidden`."""
    require(actor, Verb.CHANNEL_WRITE)
    of_kind = registry.kind(kind)
    clear = _checked(of_kind, name, sealing.clean(of_kind, config, {}))
    with transaction():
        _check_name(name, None)
        made = store.add(
            kind=kind,
            name=name.strip(),
            config=sealing.sealed(of_kind, clear),
            enabled=enabled,
            is_default=default,
            now=now,
        )
        accounts.audit(actor, "channel.create", f"channel {made.name}", {"kind": kind}, now)
    return _ref(made)


def update_channel(
    actor: Actor,
    channel_id: int,
    name: str,
    config: Mapping[str, str],
    now: float,
    *,
    enabled: bool = True,
    default: bool = True,
) -> ChannelRef:
    """Change a channel; a secret left blank stays. Raises `Invalid`, `NotFound`, `Forbidden`."""
    require(actor, Verb.CHANNEL_WRITE)
    before = _found(channel_id)
    of_kind = registry.kind(before.kind)
    clear = _checked(of_kind, name, sealing.clean(of_kind, config, _readable(of_kind, before)))
    with transaction():
        _check_name(name, channel_id)
        sealed = sealing.sealed(of_kind, clear)
        store.change(channel_id, name=name.strip(), config=sealed, enabled=enabled, is_default=default)
        accounts.audit(actor, "channel.update", f"channel {name.strip()}", {"kind": before.kind}, now)
    return channel(channel_id)


def delete_channel(actor: Actor, channel_id: int, now: float) -> None:
    """Delete a channel; notices still waiting for it fail, its delivery log stays."""
    require(actor, Verb.CHANNEL_WRITE)
    before = _found(channel_id)
    with transaction():
        store.remove(channel_id)
        accounts.audit(actor, "channel.delete", f"channel {before.name}", {"kind": before.kind}, now)


def queue(channel_id: int, notice: Notice, idempotency_key: str, now: float) -> bool:
    """Queue a notice in the caller's transaction; False when this key was queued before (nothing changes)."""
    to = _found(channel_id)
    delivery_id = log.add(
        channel_id=to.id,
        channel_name=to.name,
        kind=to.kind,
        notice=notice,
        idempotency_key=idempotency_key,
        now=now,
    )
    if delivery_id is None:
        return False
    ports().outbox.add(TOPIC, str(delivery_id).encode(), idempotency_key, now)
    on_commit(lambda: ports().bus.wake(TOPIC))
    return True


def deliver_due(now: float) -> int:
    """Send every notice that is due; return how many items of the outbox were dealt with."""
    return delivering.deliver_due(now)


def next_due() -> float | None:
    """Return the instant at which `deliver_due` next has something to do, None when nothing waits."""
    return ports().outbox.next_due()


def test(actor: Actor, channel_id: int, now: float) -> Receipt:
    """Send a test notice at once and return the receipt; raises `ChannelError` with the exact error.

    Either way the try stands in the delivery log.
    """
    require(actor, Verb.CHANNEL_WRITE)
    to = _found(channel_id)
    notice = _test_notice(to, actor, now)
    key = f"test.{ids.new_id()}"
    try:
        outcome: Receipt | ChannelError = delivering.send(to, notice, key)
    except ChannelError as error:
        outcome = error
    with transaction():
        delivering.note(
            _logged(to, notice, key, now), outcome, backoff.Next(None, "A test is not repeated."), now
        )
        accounts.audit(actor, "channel.test", f"channel {to.name}", {"kind": to.kind}, now)
    if isinstance(outcome, ChannelError):
        raise outcome
    return outcome


def deliveries(
    channel_id: int | None = None,
    state: DeliveryState | None = None,
    cursor: str | None = None,
    n: int = 50,
) -> DeliveryPage:
    """Return a page of the delivery log, newest first; raises `Invalid` for a cursor nobody gave out."""
    before = None if cursor is None else pager.decode(cursor, tuple[int])[0]
    found = log.page(channel_id=channel_id, state=state, before=before, n=n + 1)
    more = pager.encode(found[n - 1].id) if len(found) > n else None
    return DeliveryPage(found[:n], more)


def deliveries_of(keys: Sequence[str]) -> Mapping[str, Delivery]:
    """Return what became of the notices with these idempotency keys."""
    return {delivery.idempotency_key: delivery for delivery in log.by_keys(keys)}


def delivery_counts(since: float) -> Mapping[DeliveryState, int]:
    """Return how many notices queued since an instant are in which state."""
    return log.counts(since)


def lag() -> Lag:
    """Return how many notices wait to go out, and since when the oldest does."""
    return log.lag()


def failing_channels(now: float) -> tuple[ChannelRef, ...]:
    """Return the enabled channels that refused the last notice, or failed three times in a row; longest first."""
    failing = [channel for channel in channels() if verdicts.failing(channel)]
    return tuple(sorted(failing, key=lambda channel: channel.failing_since or now))


def verdict(now: float) -> Verdict:
    """Return in one sentence whether people are told, and what stands in the way."""
    return verdicts.verdict(channels(), delivery_counts(now - 86_400.0), lag(), now)


def drop_before(instant: float) -> int:
    """Delete finished deliveries older than `instant`, in short transactions; return how many went."""
    ports().outbox.forget_before(instant)
    total = 0
    while dropped := log.drop_before(instant, _CHUNK):
        total += dropped
    return total


def _ref(channel: StoredChannel) -> ChannelRef:
    return ChannelRef(
        id=channel.id,
        kind=channel.kind,
        name=channel.name,
        config=sealing.shown(registry.kind(channel.kind), channel.config),
        enabled=channel.enabled,
        default=channel.is_default,
        created_at=channel.created_at,
        failures=channel.failures,
        failing_since=channel.failing_since,
        refused=channel.refused,
        last_error=channel.last_error,
        last_success_at=channel.last_success_at,
    )


def _found(channel_id: int) -> StoredChannel:
    found = store.find(channel_id)
    if found is None:
        raise NotFound(f"There is no channel {channel_id}; it may have been deleted.")
    return found


def _readable(kind: Channel, channel: StoredChannel) -> Mapping[str, str]:
    """Return the stored configuration; without its secrets when they cannot be opened any more."""
    try:
        sealing.opened(kind, channel.config)
    except Invalid:
        return {}
    return channel.config


def _checked(kind: Channel, name: str, config: dict[str, str]) -> dict[str, str]:
    missing = {f.name: "Fill this in." for f in kind.fields if f.required and not config[f.name]}
    if not name.strip():
        missing["name"] = "Give the channel a name."
    if missing:
        raise Invalid("The channel is not complete.", missing)
    kind.check(config)
    return config


def _check_name(name: str, but: int | None) -> None:
    if len(name.strip()) > 80:
        raise Invalid("The name is too long.", {"name": "At most 80 characters."})
    if store.name_taken(name.strip(), but):
        raise Invalid("Another channel has this name.", {"name": "Another channel has this name."})


def _test_notice(to: StoredChannel, actor: Actor, now: float) -> Notice:
    return Notice(
        title="Test from Vedette",
        text=f"This is how Vedette tells {to.name} about trouble. Nothing is wrong.",
        severity="info",
        link=f"{ports().settings.public_url}/settings/notifications/",
        at=now,
        state="info",
        reason=f"{actor.name or 'Somebody'} pressed the test button.",
        group="test",
    )


def _logged(to: StoredChannel, notice: Notice, key: str, now: float) -> log.Work:
    delivery_id = log.add(
        channel_id=to.id, channel_name=to.name, kind=to.kind, notice=notice, idempotency_key=key, now=now
    )
    work = None if delivery_id is None else log.work(delivery_id)
    if work is None:
        raise NotFound("The test could not be written to the delivery log.")
    return work
