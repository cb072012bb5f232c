"""What each person sets for themselves: own channels, what they hear of, what they follow. Nobody sets it for another."""

from collections.abc import Mapping, Sequence

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Forbidden, Invalid
from vedette.notify import configuring, hearing
from vedette.notify.store import channels as store
from vedette.notify.store import people as wanted
from vedette.notify.types import ChannelRef, Person, Preferences, Receipt
from vedette.plumbing.db.sql import transaction
from vedette.projects import service as projects

MOST_FOLLOWED = 10_000
_SHOWN = 100


def own_channels(actor: Actor) -> tuple[ChannelRef, ...]:
    """Return one's own channels by name, secrets as dots; none for who is no person."""
    return configuring.refs(actor.id) if actor.id else ()


def own_channel(actor: Actor, channel_id: int) -> ChannelRef:
    """Return one channel of one's own; raises `NotFound`."""
    return configuring.ref(configuring.found(channel_id, _self(actor)))


def create_own(
    actor: Actor, kind: str, name: str, config: Mapping[str, str], now: float, *, enabled: bool = True
) -> ChannelRef:
    """Add a channel of one's own; raises `Invalid` naming the wrong fields, `Conflict`, `Forbidden`."""
    user = _self(actor)
    _check_address(user, kind, config)
    return configuring.create(actor, kind, name, config, now, enabled=enabled, owner=user)


def update_own(
    actor: Actor, channel_id: int, name: str, config: Mapping[str, str], now: float, *, enabled: bool = True
) -> ChannelRef:
    """Change a channel of one's own; a secret left blank stays. Raises `Invalid`, `NotFound`, `Forbidden`."""
    user = _self(actor)
    _check_address(user, configuring.found(channel_id, user).kind, config)
    return configuring.update(actor, channel_id, name, config, now, enabled=enabled, owner=user)


def delete_own(actor: Actor, channel_id: int, now: float) -> None:
    """Delete a channel of one's own; raises `NotFound`, `Forbidden`."""
    configuring.delete(actor, channel_id, now, _self(actor))


def test_own(actor: Actor, channel_id: int, now: float) -> Receipt:
    """Send a test to a channel of one's own and return the receipt; raises `ChannelError`, `NotFound`."""
    return configuring.try_out(actor, channel_id, now, _self(actor))


def preferences(actor: Actor) -> Preferences:
    """Return what one wants to hear of."""
    return wanted.preferences(actor.id)


def set_preferences(actor: Actor, wants: Preferences, now: float) -> Preferences:
    """Say what one wants to hear of; raises `Invalid` naming the wrong field, `Forbidden`."""
    user = _self(actor)
    known = frozenset(project.id for project in projects.projects())
    fit = hearing.checked(wants, known, _fit_for_steps(actor), now)
    with transaction():
        wanted.set_preferences(user, fit)
        detail = {"severity": fit.severity or "none", "quiet": "on" if fit.quiet_until else "off"}
        accounts.audit(actor, "notifications.own", f"notifications of {actor.name}", detail, now)
    return fit


def follow(actor: Actor, subject: str, now: float) -> None:
    """Follow an issue by its key; raises `Invalid` when one follows too many, `Forbidden`."""
    user = _self(actor)
    with transaction():
        if len(wanted.followed(user, MOST_FOLLOWED)) >= MOST_FOLLOWED:
            raise Invalid(f"At most {MOST_FOLLOWED} issues can be followed.", {"key": "too many"})
        if wanted.follow(user, subject, now):
            accounts.audit(actor, "issue.follow", subject, {}, now)


def unfollow(actor: Actor, subject: str, now: float) -> None:
    """Follow an issue no more; raises `Forbidden`."""
    user = _self(actor)
    with transaction():
        if wanted.unfollow(user, subject):
            accounts.audit(actor, "issue.unfollow", subject, {}, now)


def follow_joined(subjects: Sequence[str], into: str, now: float) -> None:
    """Let whoever follows one of several issues follow the one they became too, in the caller's transaction.

    They go on following the key they chose: should the issue be separate again, they hear of it as before.
    """
    wanted.follow_joined(subjects, into, now)


def follows(actor: Actor, subject: str) -> bool:
    """Tell whether one follows an issue."""
    return bool(actor.id) and wanted.follows(actor.id, subject)


def followed(actor: Actor) -> tuple[str, ...]:
    """Return the keys of the issues one follows, the latest first (at most 100)."""
    return wanted.followed(actor.id, _SHOWN)


def followers(subject: str) -> frozenset[int]:
    """Return the ids of the people who follow an issue."""
    return wanted.followers(subject)


def people() -> tuple[Person, ...]:
    """Return everybody who can be told: active, with a channel of their own that is switched on."""
    found = [person for person in people_with_channels() if any(one.enabled for one in person.channels)]
    active = accounts.user_refs() if found else {}
    return tuple(
        Person(
            user=person.user, name=person.name, email=person.email, preferences=person.preferences,
            channels=tuple(one for one in person.channels if one.enabled),
        )
        for person in found
        if person.user in active
    )  # fmt: skip


def people_with_channels() -> tuple[Person, ...]:
    """Return everybody who has channels of their own, by name; for administrators to see, with secrets as dots."""
    by_owner: dict[int, list[ChannelRef]] = {}
    for channel in store.personal():
        by_owner.setdefault(channel.owner or 0, []).append(configuring.ref(channel))
    if not by_owner:
        return ()
    refs, wants = accounts.user_refs(list(by_owner)), wanted.all_preferences()
    found = [
        Person(
            user=user, name=refs[user].name, email=refs[user].email,
            preferences=wants.get(user, Preferences()), channels=tuple(channels),
        )
        for user, channels in by_owner.items()
        if user in refs
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda person: person.name))


def _fit_for_steps(actor: Actor) -> frozenset[int]:
    """Return the ids of channels a step may name: one's own, and those that stand in one's rules though they are gone."""
    before = wanted.preferences(actor.id)
    kept = {step.channel for step in (*(before.important or ()), *(before.default or ()))}
    return frozenset(kept | {one.id for one in own_channels(actor)})


def _check_address(user: int, kind: str, config: Mapping[str, str]) -> None:
    """Raise `Invalid` when one's own mail would go to another: everybody may have channels of their own, viewers too."""
    email = accounts.user(user).ref.email
    if kind == "email" and config.get("recipients", "").strip().lower() != email.lower():
        what = f"Your own mail goes to your own address: {email}."
        raise Invalid(what, {"recipients": what})


def _self(actor: Actor) -> int:
    require(actor, Verb.NOTIFY_OWN)
    if not actor.id:
        raise Forbidden("Only a person has notifications of their own; this token belongs to nobody.")
    return actor.id
