"""The verbs of the second factor: enrol an authenticator, recovery codes, remove it."""

from urllib.parse import quote, urlencode

from vedette.accounts import members, people
from vedette.accounts.auditing import audit
from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.store import entering
from vedette.accounts.store import factors as store
from vedette.accounts.types import SecondFactor, Totp
from vedette.core.errors import Forbidden
from vedette.core.ids import hash_secret
from vedette.plumbing.db.sql import transaction

ISSUER = "Vedette"
_DRIFT = (-1, 0, 1)


def second_factor(user_id: int) -> SecondFactor:
    """Return which second factors a person has, and how many recovery codes are left."""
    return store.second_factor(user_id)


def setting_up(user_id: int) -> bool:
    """Tell whether the person began to set up an authenticator."""
    return store.has_pending(user_id)


def begin_totp(user_id: int) -> Totp:
    """Return a seed to enrol; the same one until it is confirmed, so a page may be loaded again."""
    with transaction():
        seed = store.pending_seed(user_id)
    email = people.user(user_id).ref.email
    label = quote(f"{ISSUER}:{email}")
    uri = f"otpauth://totp/{label}?{urlencode({'secret': seed, 'issuer': ISSUER})}"
    return Totp(seed, uri, store.svg(uri))


def cancel_totp(user_id: int) -> None:
    """Forget the seed that is being set up."""
    store.forget_pending(user_id)


def confirm_totp(user_id: int, code: str, now: float) -> bool:
    """Enrol the begun seed when the code is right (recovery codes are made with it); False when it is not.

    The clocks may differ by 30 s. Nothing begun means False.
    """
    if not store.has_pending(user_id):
        return False
    with transaction():
        seed, given = store.pending_seed(user_id), clean_code(code)
        if given not in {store.code_at(seed, now + step * store.PERIOD) for step in _DRIFT}:
            return False
        store.activate(user_id, seed)
        use_code(user_id, given, now)
        actor = people.actor_for(user_id)
        audit(actor, "two-factor.on", people.user(user_id).ref.email, {}, now)
    return True


def recovery_codes(user_id: int) -> tuple[str, ...]:
    """Return the recovery codes that were not used yet."""
    return store.unused_codes(user_id)


def renew_codes(actor: Actor, now: float) -> tuple[str, ...]:
    """Replace one's own recovery codes and return the new ones; the old ones work no more."""
    require(actor, Verb.ACCOUNT_OWN)
    with transaction():
        codes = store.renew_codes(actor.id)
        audit(actor, "two-factor.codes", people.user(actor.id).ref.email, {}, now)
    return codes


def remove_totp(actor: Actor, now: float) -> None:
    """Remove one's own authenticator; raises `Forbidden` for owners and administrators without a passkey."""
    require(actor, Verb.ACCOUNT_OWN)
    if actor.role in members.PRIVILEGED and not store.second_factor(actor.id).passkeys:
        raise Forbidden("Owners and administrators must have a second factor; set up another one instead.")
    with transaction():
        store.drop_totp(actor.id)
        audit(actor, "two-factor.off", people.user(actor.id).ref.email, {}, now)


def use_code(user_id: int, code: str, now: float) -> bool:
    """Note that a code was used and tell whether it was the first time while it counts: overheard, it is worth nothing."""
    digest = hash_secret(f"{user_id}:{clean_code(code)}")
    return entering.first_time(f"code:{digest}", now, within=(len(_DRIFT) + 1) * store.PERIOD)


def clean_code(code: str) -> str:
    """Return a code as it is compared: without the spaces and dashes people read it with."""
    return code.replace(" ", "").replace("-", "").strip()
