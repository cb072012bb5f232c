"""The verbs of passkeys: add, name, remove one's own; sign in with one."""

from vedette.accounts import credentials, entering, members, people
from vedette.accounts.auditing import audit
from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.store import factors
from vedette.accounts.store import passkeys as store
from vedette.accounts.types import Passkey
from vedette.core.errors import Conflict, Forbidden, NotFound
from vedette.plumbing.db.sql import transaction

MOST = 20
LONGEST_NAME = 60


def passkeys(user_id: int) -> tuple[Passkey, ...]:
    """Return a person's passkeys, oldest first."""
    return store.passkeys(user_id)


def passkey(user_id: int, passkey_id: int) -> Passkey:
    """Return one of a person's passkeys; raises `NotFound`."""
    found = next((p for p in store.passkeys(user_id) if p.id == passkey_id), None)
    if found is None:
        raise NotFound("You have no such passkey; yours stand under Settings, Two-factor.")
    return found


def begin_passkey(actor: Actor) -> str:
    """Return what the browser needs to make a passkey, as JSON; raises `Conflict` when there are too many already."""
    require(actor, Verb.ACCOUNT_OWN)
    if store.count(actor.id) >= MOST:
        raise Conflict(f"You have {MOST} passkeys; remove one you do not use any more.")
    return store.begin_making(actor.id)


def add_passkey(actor: Actor, name: str, answer: str, now: float) -> bool:
    """Store the passkey the browser made; raises `Invalid`. True when fresh recovery codes were made with it."""
    require(actor, Verb.ACCOUNT_OWN)
    credential = credentials.parse(answer)
    name = named(name)
    with transaction():
        store.make(actor.id, name, credential, now)
        fresh = not factors.has_codes(actor.id)
        if fresh:
            factors.renew_codes(actor.id)
        audit(actor, "passkey.add", people.user(actor.id).ref.email, {"name": name}, now)
    return fresh


def rename_passkey(actor: Actor, passkey_id: int, name: str, now: float) -> None:
    """Give one's own passkey another name; raises `Invalid`, `NotFound`."""
    require(actor, Verb.ACCOUNT_OWN)
    with transaction():
        before, name = passkey(actor.id, passkey_id), named(name)
        store.rename(actor.id, passkey_id, name)
        detail = {"from": before.name, "to": name}
        audit(actor, "passkey.rename", people.user(actor.id).ref.email, detail, now)


def remove_passkey(actor: Actor, passkey_id: int, now: float) -> None:
    """Remove one's own passkey; raises `NotFound`, and `Forbidden` for the last factor of an owner or administrator."""
    require(actor, Verb.ACCOUNT_OWN)
    with transaction():
        before = passkey(actor.id, passkey_id)
        if is_last_duty(actor):
            raise Forbidden("Owners and administrators must have a second factor; add another one first.")
        store.drop(actor.id, passkey_id)
        factors.drop_dangling_codes(actor.id)
        audit(actor, "passkey.remove", people.user(actor.id).ref.email, {"name": before.name}, now)


def is_last_duty(actor: Actor) -> bool:
    """Tell whether an owner's or administrator's one passkey is the only second factor, which must stay."""
    has = factors.second_factor(actor.id)
    return actor.role in members.PRIVILEGED and not has.totp and has.passkeys == 1


def begin_passkey_sign_in(address: str, now: float) -> str:
    """Return what the browser needs to sign in with any passkey it knows, as JSON; counts as a try.

    Whose passkey it will be is not known yet, so tries are counted for the address; raises `Throttled`.
    """
    entering.begin_try(_tried(address), address, now)
    return store.begin_using()


def passkey_signed_in(email: str, address: str, now: float) -> None:
    """Forget the failed tries of an address and account that signed in with a passkey."""
    entering.succeed_try(_tried(address), address, now)
    entering.succeed_try(email, address, now)


def named(name: str) -> str:
    """Return a name as it is kept: one line, at most 60 characters, `Passkey` for none."""
    return " ".join(name.split())[:LONGEST_NAME] or "Passkey"


def _tried(address: str) -> str:
    return f"passkey from {address}"
