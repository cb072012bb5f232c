"""Adding notices to the outbox, each with its row in the delivery log, in the caller's transaction."""

from vedette.core.errors import NotFound
from vedette.notify.store import channels, deliveries, steps
from vedette.notify.types import TOPIC, DeliveryState, Notice, Stage
from vedette.plumbing.db.sql import on_commit
from vedette.plumbing.ports import ports


def queue(channel_id: int, notice: Notice, key: str, now: float) -> bool:
    """Queue a notice; False when this key was queued before (nothing changes). Raises `NotFound` for no channel."""
    return _add(channel_id, notice, key, now, now) is not None


def queue_step(channel_id: int, notice: Notice, key: str, stage: Stage, now: float) -> bool:
    """Queue a notice as a step, to go `stage.after` seconds from now unless it is not needed then; else as `queue`."""
    delivery_id = _add(channel_id, notice, key, now, now + stage.after)
    if delivery_id is None:
        return False
    steps.add(delivery_id, stage)
    return True


def queue_later(channel_id: int, notice: Notice, key: str, now: float, due: float) -> bool:
    """Queue a notice that goes at `due` whatever happens until then; else as `queue`."""
    return _add(channel_id, notice, key, now, due) is not None


def stop_steps(thread: str, why: str, now: float) -> int:
    """Let nothing that a thread's steps queued go out any more, in the caller's transaction; return how many were stopped.

    What is being sent at this moment arrives.
    """
    open_ones = steps.open_of(thread)
    for delivery_id in open_ones:
        deliveries.give_up(delivery_id, why, now, DeliveryState.STOPPED)
    return len(open_ones)


def _add(channel_id: int, notice: Notice, key: str, now: float, due: float) -> int | None:
    to = channels.find(channel_id)
    if to is None:
        raise NotFound(f"There is no channel {channel_id}; it may have been deleted.")
    waits = due > now
    delivery_id = deliveries.add(
        channel_id=to.id,
        channel_name=to.name,
        kind=to.kind,
        notice=notice,
        idempotency_key=key,
        now=now,
        due=due if waits else None,
        owner=to.owner,
        state=DeliveryState.WAITING if waits else DeliveryState.QUEUED,
    )
    if delivery_id is not None:
        ports().outbox.add(TOPIC, str(delivery_id).encode(), key, due)
        on_commit(lambda: ports().bus.wake(TOPIC))
    return delivery_id
