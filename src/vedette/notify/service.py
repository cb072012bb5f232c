"""Telling people: channels, the outbox of notices, and what became of each."""

from collections.abc import Mapping, Sequence

from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import NotFound
from vedette.notify import configuring, delivering, pressing, queueing
from vedette.notify import verdict as verdicts
from vedette.notify.channels import registry
from vedette.notify.channels.webpush import keys
from vedette.notify.hearing import hears, mentioned
from vedette.notify.personal import (
    create_own,
    delete_own,
    follow,
    follow_joined,
    followed,
    followers,
    follows,
    own_channel,
    own_channels,
    people,
    people_with_channels,
    preferences,
    set_preferences,
    test_own,
    unfollow,
    update_own,
)
from vedette.notify.proving import (
    acknowledge_link,
    acknowledge_proof,
    last_proof,
    proof_view,
    seen_link,
    start_proof,
)
from vedette.notify.queueing import queue_step, stop_steps
from vedette.notify.steps import plan
from vedette.notify.store import channels as store
from vedette.notify.store import deliveries as log
from vedette.notify.store import measuring
from vedette.notify.store.steps import heard
from vedette.notify.types import (
    TOPIC,
    Channel,
    ChannelRef,
    Command,
    Delivery,
    DeliveryPage,
    DeliveryState,
    Lag,
    Notice,
    Press,
    Receipt,
    Settled,
)
from vedette.notify.verdict import Verdict
from vedette.notify.wording import preview, reset_wording, set_wording, wording, wordings
from vedette.plumbing.ports import ports
from vedette.ui import pager

__all__ = [
    "acknowledge_link", "acknowledge_proof", "answer_command", "answer_press", "any_channel", "channel", "channels", "create_channel", "create_own", "delete_channel", "delete_own", "deliver_due", "deliveries", "deliveries_of", "delivery_counts", "drop_before", "failing_channels", "follow", "follow_joined", "followed", "followers", "follows", "heard", "hears", "kinds", "lag", "last_proof", "mentioned", "next_due", "note_acknowledged", "notice_of", "notices", "own_channel", "own_channels", "people", "people_with_channels", "plan", "preferences", "press_url", "preview", "proof_view", "push_key", "queue", "queue_step", "reset_wording", "seen_link", "set_preferences", "set_wording", "shared_kinds", "slack_press", "start_proof", "stop_steps", "telegram_press", "test", "test_own", "unfollow", "update_channel", "update_own", "verdict", "where", "wording", "wordings",
]  # fmt: skip
KEEP_SECONDS = 35 * 86_400.0
_CHUNK = 1_000


def kinds() -> Mapping[str, Channel]:
    """Return the kinds of channels there are."""
    return registry.kinds()


def shared_kinds() -> Mapping[str, Channel]:
    """Return the kinds of channels that can be everybody's."""
    return registry.shared()


def push_key() -> str:
    """Return the public key with which a browser subscribes to what this installation pushes."""
    return keys.public_key()


def channels() -> tuple[ChannelRef, ...]:
    """Return everybody's channels by name, secrets as dots."""
    return configuring.refs(None)


def channel(channel_id: int) -> ChannelRef:
    """Return one of everybody's channels; raises `NotFound`."""
    return configuring.ref(configuring.found(channel_id, None))


def any_channel(channel_id: int) -> ChannelRef:
    """Return a channel, whoever's it is, for a room that acts for its owner; raises `NotFound`."""
    found = store.find(channel_id)
    if found is None:
        raise NotFound(f"There is no channel {channel_id}; it may have been deleted.")
    return configuring.ref(found)


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
    return configuring.create(actor, kind, name, config, now, enabled=enabled, default=default)


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
    return configuring.update(actor, channel_id, name, config, now, enabled=enabled, default=default)


def delete_channel(actor: Actor, channel_id: int, now: float) -> None:
    """Delete a channel; notices still waiting for it fail, its delivery log stays."""
    require(actor, Verb.CHANNEL_WRITE)
    configuring.delete(actor, channel_id, now)


def queue(channel_id: int, notice: Notice, idempotency_key: str, now: float) -> bool:
    """Queue a notice in the caller's transaction; False when this key was queued before (nothing changes)."""
    return queueing.queue(channel_id, notice, idempotency_key, now)


def deliver_due(now: float, settled: Settled = lambda _notice, _now: "") -> int:
    """Send every notice that is due; return how many items of the outbox were dealt with.

    `settled` knows of what notices tell whether somebody takes care of it; it is asked before each later step.
    """
    return delivering.deliver_due(now, settled)


def next_due() -> float | None:
    """Return the instant at which `deliver_due` next has something to do, None when nothing waits."""
    return ports().outbox.next_due(TOPIC)


def test(actor: Actor, channel_id: int, now: float) -> Receipt:
    """Send a test notice at once and return the receipt; raises `ChannelError` with the exact error.

    Either way the try stands in the delivery log.
    """
    require(actor, Verb.CHANNEL_WRITE)
    return configuring.try_out(actor, channel_id, now)


def deliveries(
    channel_id: int | None = None,
    state: DeliveryState | None = None,
    cursor: str | None = None,
    n: int = 50,
    *,
    owner: int | None = None,
) -> DeliveryPage:
    """Return a page of the delivery log of everybody's channels or of one person's, newest first; raises `Invalid` for a cursor nobody gave out."""
    before = None if cursor is None else pager.decode(cursor, tuple[int])[0]
    found = log.page(channel_id=channel_id, state=state, before=before, n=n + 1, owner=owner)
    more = pager.encode(found[n - 1].id) if len(found) > n else None
    return DeliveryPage(found[:n], more)


def deliveries_of(keys: Sequence[str]) -> Mapping[str, Delivery]:
    """Return what became of the notices with these idempotency keys."""
    return {delivery.idempotency_key: delivery for delivery in log.by_keys(keys)}


def notice_of(key: str) -> Notice | None:
    """Return the notice that was queued under an idempotency key, None when it was cleaned up."""
    return log.notice_of(key)


def note_acknowledged(keys: Sequence[str], who: str) -> None:
    """Let the delivery log say who acknowledged what the notices with these idempotency keys tell; "" takes it back."""
    log.note_acknowledged(keys, who)


def press_url(ref: ChannelRef) -> str:
    """Return the URL a chat's settings ask for so that the buttons of a channel act at once; empty where there is none."""
    return pressing.door(ref)


def slack_press(
    channel_id: int, timestamp: str, signature: str, body: bytes, now: float
) -> Press | Command | None:
    """Return what was pressed or commanded in Slack, None when nothing that acts was; raises `Forbidden` unless Slack signed it, `Invalid`."""
    return pressing.from_slack(channel_id, timestamp, signature, body, now)


def telegram_press(bot: int, secret: str, body: bytes) -> Press | Command | None:
    """Return what was pressed or commanded in Telegram, None when nothing was; raises `Forbidden` unless it bears the bot's secret, `Invalid`."""
    return pressing.from_telegram(bot, secret, body)


def answer_command(command: Command, said: str) -> bytes:
    """Return the answer to a command as the body its chat takes."""
    return pressing.answer_command(command, said)


def answer_press(press: Press, said: str, key: str) -> None:
    """Tell a chat what came of a press, in place of the notice under `key`; without one, it did nothing and is told only to whoever pressed."""
    pressing.answer(press, said, key)


def delivery_counts(since: float) -> Mapping[DeliveryState, int]:
    """Return how many notices queued since an instant are in which state."""
    return log.counts(since)


def notices(start: float, end: float, step: float) -> Sequence[tuple[str, str, int, int]]:
    """Return (channel, state, bucket of `step` seconds, notices) queued for everybody's channels in a time."""
    return measuring.notices(start, end, step)


def lag() -> Lag:
    """Return how many notices wait to go out, and since when the oldest does."""
    return log.lag()


def failing_channels(known: Sequence[ChannelRef], now: float) -> tuple[ChannelRef, ...]:
    """Return those of the channels that are on and refused the last notice, or failed three times in a row; longest first."""
    failing = [channel for channel in known if verdicts.failing(channel)]
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
