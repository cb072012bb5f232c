"""Channels as people set them up: everybody's (`owner` None) and each person's own, by the same rules.

Who may is asked before; the audit entry is written here, in the transaction of the change.
"""

from collections.abc import Mapping

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor
from vedette.core import ids
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.notify import backoff, bound, delivering, pressing, sealing
from vedette.notify.channels import registry
from vedette.notify.store import channels as store
from vedette.notify.store import deliveries as log
from vedette.notify.store.channels import StoredChannel
from vedette.notify.types import Channel, ChannelError, ChannelRef, Notice, Receipt
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports

MOST_OWN = 10


def refs(owner: int | None) -> tuple[ChannelRef, ...]:
    """Return everybody's channels by name, or one person's; secrets as dots."""
    return tuple(ref(channel) for channel in store.all_channels(owner))


def found(channel_id: int, owner: int | None) -> StoredChannel:
    """Return a channel of this owner; raises `NotFound` for any other."""
    channel = store.find(channel_id)
    if channel is None or channel.owner != owner:
        raise NotFound(f"There is no channel {channel_id}; it may have been deleted.")
    return channel


def create(
    actor: Actor,
    kind: str,
    name: str,
    config: Mapping[str, str],
    now: float,
    *,
    enabled: bool,
    default: bool = False,
    owner: int | None = None,
) -> ChannelRef:
    """Add a channel; raises `Invalid` naming the wrong fields, and `Conflict` for too many of one's own."""
    of_kind = registry.kind(kind)
    if owner is None and registry.own_only(of_kind):
        raise Invalid("A browser is a person's own; add it under Your notifications.", {"kind": "own only"})
    clear = _checked(of_kind, name, sealing.clean(of_kind, config, {}))
    pressing.arrange(of_kind, clear)
    with transaction():
        _check_name(name, None, owner)
        if owner is not None and len(store.all_channels(owner)) >= MOST_OWN:
            raise Conflict(f"At most {MOST_OWN} channels of one's own; delete one first.")
        made = store.add(
            kind=kind,
            name=name.strip(),
            config=sealing.sealed(of_kind, clear),
            enabled=enabled,
            is_default=default,
            now=now,
            owner=owner,
        )
        accounts.audit(actor, "channel.create", _subject(made), {"kind": kind}, now)
    return ref(made)


def update(
    actor: Actor,
    channel_id: int,
    name: str,
    config: Mapping[str, str],
    now: float,
    *,
    enabled: bool,
    default: bool = False,
    owner: int | None = None,
) -> ChannelRef:
    """Change a channel; a secret left blank stays. Raises `Invalid`, `NotFound`."""
    before = found(channel_id, owner)
    of_kind = registry.kind(before.kind)
    clear = _checked(of_kind, name, sealing.clean(of_kind, config, _readable(of_kind, before)))
    pressing.arrange(of_kind, clear)
    with transaction():
        _check_name(name, channel_id, owner)
        sealed = sealing.sealed(of_kind, clear)
        store.change(channel_id, name=name.strip(), config=sealed, enabled=enabled, is_default=default)
        after = found(channel_id, owner)
        accounts.audit(actor, "channel.update", _subject(after), {"kind": before.kind}, now)
    pressing.depart(before)
    return ref(after)


def delete(actor: Actor, channel_id: int, now: float, owner: int | None = None) -> None:
    """Delete a channel; notices still waiting for it fail, its delivery log stays."""
    before = found(channel_id, owner)
    with transaction():
        store.remove(channel_id)
        accounts.audit(actor, "channel.delete", _subject(before), {"kind": before.kind}, now)
    pressing.depart(before)


def try_out(actor: Actor, channel_id: int, now: float, owner: int | None = None) -> Receipt:
    """Send a test notice at once; raises `ChannelError` with the exact error. The try stands in the delivery log."""
    to = found(channel_id, owner)
    if (
        owner is not None
        and len(log.recent_tries(to.id, now - bound.WINDOW, bound.MOST_IN_WINDOW)) >= bound.MOST_IN_WINDOW
    ):
        raise Conflict(f"At most {bound.MOST_IN_WINDOW} a minute; wait, then try again.")
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
        accounts.audit(actor, "channel.test", _subject(to), {"kind": to.kind}, now)
    if isinstance(outcome, ChannelError):
        raise outcome
    return outcome


def ref(channel: StoredChannel) -> ChannelRef:
    """Return a channel fit to be shown."""
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
        owner=channel.owner,
    )


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


def _check_name(name: str, but: int | None, owner: int | None) -> None:
    if len(name.strip()) > 80:
        raise Invalid("The name is too long.", {"name": "At most 80 characters."})
    if store.name_taken(name.strip(), but, owner):
        raise Invalid("Another channel has this name.", {"name": "Another channel has this name."})


def _subject(channel: StoredChannel) -> str:
    return f"channel {channel.name}" if channel.owner is None else f"own channel {channel.name}"


def _test_notice(to: StoredChannel, actor: Actor, now: float) -> Notice:
    return Notice(
        title="Test from Vedette",
        text=f"This is how Vedette tells {to.name} about trouble. Nothing is wrong.",
        severity="info",
        link=f"{ports().settings.public_url}/settings/{'notifications' if to.owner is None else 'my-notifications'}/",
        at=now,
        state="info",
        reason=f"{actor.name or 'Somebody'} pressed the test button.",
        group="test",
    )


def _logged(to: StoredChannel, notice: Notice, key: str, now: float) -> log.Work:
    delivery_id = log.add(
        channel_id=to.id,
        channel_name=to.name,
        kind=to.kind,
        notice=notice,
        idempotency_key=key,
        now=now,
        owner=to.owner,
    )
    work = None if delivery_id is None else log.work(delivery_id)
    if work is None:
        raise NotFound("The test could not be written to the delivery log.")
    return work
