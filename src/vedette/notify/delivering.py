"""Sending what is due: claim, send, and write down what became of it, in that order.

1. Claim one item of the outbox (committed: if the process dies now, it is due again after `HOLD`).
2. Over the bound per minute: put it into the channel's bundle instead. A notice that was claimed before is
   never bundled, for it may have been sent: it goes again, under its own key.
3. Send, outside any transaction.
4. In one transaction: the try in the delivery log, the state of delivery and channel, done or retry.

So a notice is repeated only if the process died between 3 and 4, and the repeat bears the same key.
"""

import msgspec

from vedette.core import ids
from vedette.core.errors import Invalid
from vedette.notify import backoff, bound, hearing, proof, steps, wording
from vedette.notify.channels import registry
from vedette.notify.plain import plain
from vedette.notify.sealing import opened
from vedette.notify.store import channels, deliveries, people
from vedette.notify.store import steps as stages
from vedette.notify.store.channels import StoredChannel
from vedette.notify.store.deliveries import Work
from vedette.notify.types import TOPIC, ChannelError, DeliveryState, Gone, Notice, Receipt, Settled
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.outbox.port import OutboxItem
from vedette.plumbing.ports import ports

HOLD = 30.0
MOST_UNFINISHED = 10
MOST_A_CALL = 1_000
LIVE_TOPIC = "live:health"


def deliver_due(now: float, settled: Settled) -> int:
    """Deal with everything that is due and return how many items that were; `settled` is asked before each later step."""
    for handled in range(MOST_A_CALL):
        claimed = ports().outbox.claim(1, now, HOLD, TOPIC)
        if not claimed:
            return handled
        _handle(claimed[0], settled, now)
    return MOST_A_CALL


def send(channel: StoredChannel, notice: Notice, idempotency_key: str) -> Receipt:
    """Hand a notice to a channel; raises `ChannelError`, also when its secrets cannot be opened."""
    kind = registry.kind(channel.kind)
    try:
        config = opened(kind, channel.config)
    except Invalid as error:
        raise ChannelError(str(error), permanent=True) from error
    addressed, failed = wording.apply(msgspec.structs.replace(notice, receiver=channel.name), channel.kind)
    receipt = kind.send(plain(addressed, channel.name), config, idempotency_key)
    return Receipt(f"{receipt.detail}. {failed}") if failed else receipt


def note(work: Work, outcome: Receipt | ChannelError, follows: backoff.Next, now: float) -> None:
    """Write a try to the log and to the channel's standing, in the caller's transaction."""
    ok = isinstance(outcome, Receipt)
    detail = outcome.detail if isinstance(outcome, Receipt) else str(outcome)
    ended = DeliveryState.SENT if ok else DeliveryState.FAILED
    state = ended if follows.at is None else DeliveryState.RETRYING
    verdict = "" if ok or follows.at is not None else follows.reason
    deliveries.note_try(work, ok=ok, detail=detail, state=state, next_at=follows.at, now=now, verdict=verdict)
    if isinstance(outcome, ChannelError):
        channels.note_failure(work.channel_id or 0, detail, now, refused=outcome.permanent)
        if isinstance(outcome, Gone):
            channels.remove(work.channel_id or 0)
    else:
        channels.note_success(work.channel_id or 0, now)
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def _handle(item: OutboxItem, settled: Settled, now: float) -> None:
    work = deliveries.work(int(item.payload)) if item.topic == TOPIC else None
    if work is None or not work.open:
        ports().outbox.done(item.id)
        return
    channel = None if work.channel_id is None else channels.find(work.channel_id)
    why_not = _why_not(item, work, channel)
    if channel is None or why_not:
        _give_up(item, work, why_not, now)
    elif stopped := _stopped(work, settled, now):
        _stop(item, work, stopped, now)
    elif (until := _bundle_until(item, work, channel, now)) is not None:
        _bundle(item, work, channel, until, now)
    else:
        _deliver(item, _frozen(work, now), channel, now)


def _why_not(item: OutboxItem, work: Work, channel: StoredChannel | None) -> str:
    if channel is None:
        return "The channel was deleted before it could be told."
    if not channel.enabled:
        return "The channel is switched off."
    if item.attempt - work.tries > MOST_UNFINISHED:
        return f"Vedette ended {MOST_UNFINISHED} times while it sent this; not tried again."
    return ""


def _give_up(item: OutboxItem, work: Work, why: str, now: float) -> None:
    with transaction():
        deliveries.give_up(work.id, why, now)
        ports().outbox.fail(item.id, why)


def _stopped(work: Work, settled: Settled, now: float) -> str:
    """Return why a step is not needed any more; asked before each try, so that what was acknowledged is not sent by a retry either."""
    stage = work.stage
    if stage is None:
        return ""
    if stage.proof:
        verdict = steps.goes(stage, proof.settled(stages.proof(stage.proof), now), "")
    else:
        hushed = hearing.hushed(people.preferences(stage.owner), work.notice.severity, now)
        verdict = steps.goes(stage, settled(work.notice, now), hushed)
    return "" if verdict.send else verdict.reason


def _stop(item: OutboxItem, work: Work, why: str, now: float) -> None:
    with transaction():
        deliveries.give_up(work.id, why, now, DeliveryState.STOPPED)
        ports().outbox.done(item.id)
        on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def _bundle_until(item: OutboxItem, work: Work, channel: StoredChannel, now: float) -> float | None:
    if work.is_bundle or item.attempt > 1 or registry.kind(channel.kind).each:
        return None
    tries = deliveries.recent_tries(channel.id, now - bound.WINDOW, bound.MOST_IN_WINDOW)
    return bound.pace(tries, now).until


def _bundle(item: OutboxItem, work: Work, channel: StoredChannel, until: float, now: float) -> None:
    why = f"More than {bound.MOST_IN_WINDOW} in a minute: told together with others."
    with transaction():
        bundle_id = deliveries.waiting_bundle(channel.id) or _new_bundle(work, channel, until, now)
        deliveries.put_in_bundle(work.id, bundle_id, why, now)
        ports().outbox.done(item.id)


def _new_bundle(first: Work, channel: StoredChannel, until: float, now: float) -> int:
    key = f"bundle.{channel.id}.{first.id}"
    bundle_id = deliveries.add(
        channel_id=channel.id,
        channel_name=channel.name,
        kind=channel.kind,
        notice=first.notice,
        idempotency_key=key,
        now=now,
        is_bundle=True,
        due=until,
        owner=channel.owner,
    )
    if bundle_id is None:
        raise Invalid(f"A bundle named {key} exists already, but takes no notices.")
    ports().outbox.add(TOPIC, str(bundle_id).encode(), key, until)
    return bundle_id


def _frozen(work: Work, now: float) -> Work:
    if not work.is_bundle or work.frozen:
        return work
    with transaction():
        notice = bound.bundle(deliveries.bundled(work.id), ports().settings.public_url, now)
        deliveries.freeze(work.id, notice)
    return msgspec.structs.replace(work, notice=notice, frozen=True)


def _deliver(item: OutboxItem, work: Work, channel: StoredChannel, now: float) -> None:
    outcome = _outcome(work, channel)
    follows = _what_follows(work, outcome, now)
    with transaction():
        note(work, outcome, follows, now)
        if isinstance(outcome, Receipt):
            ports().outbox.done(item.id)
        elif follows.at is None:
            ports().outbox.fail(item.id, str(outcome))
        else:
            ports().outbox.retry(item.id, follows.at, str(outcome))


def _outcome(work: Work, channel: StoredChannel) -> Receipt | ChannelError:
    try:
        return send(channel, work.notice, work.idempotency_key)
    except ChannelError as error:
        return error


def _what_follows(work: Work, outcome: Receipt | ChannelError, now: float) -> backoff.Next:
    if isinstance(outcome, Receipt):
        return backoff.Next(None, "Delivered.")
    failure = backoff.Failure(
        tries=work.tries + 1,
        queued_at=work.queued_at,
        permanent=outcome.permanent,
        retry_after=outcome.retry_after,
    )
    return backoff.after(failure, now, ids.jitter(1.0))
