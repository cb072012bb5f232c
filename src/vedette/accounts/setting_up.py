"""The one-time set-up token: the only way in before an administrator exists."""

import hmac

import msgspec

from vedette.accounts import people
from vedette.core import ids
from vedette.core.errors import Conflict, Unauthenticated
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports

_KEY = "accounts/setup"
_LIVES = 86_400.0


class _Living(msgspec.Struct, frozen=True):
    digest: str
    expires_at: float


def setup_link_token(now: float) -> str:
    """Make the one-time set-up token (24 h; the one before dies) and return it.

    Raises `Conflict` once an administrator exists.
    """
    secret = ids.new_secret()
    with transaction():
        if people.has_admin():
            raise Conflict("An administrator exists; sign in instead.")
        ports().kv.put(_KEY, msgspec.json.encode(_Living(ids.hash_secret(secret), now + _LIVES)))
    return secret


def check_setup_token(token: str, now: float) -> bool:
    """Tell whether a set-up token is the living one and no administrator exists; consumes nothing."""
    entry = ports().kv.get(_KEY)
    if entry is None or entry.value is None:
        return False
    living = msgspec.json.decode(entry.value, type=_Living)
    fits = hmac.compare_digest(living.digest, ids.hash_secret(token))
    return fits and now < living.expires_at and not people.has_admin()


def consume_setup_token(token: str, now: float) -> None:
    """Use the set-up token up, in the caller's transaction; raises `Unauthenticated` when it is not the living one."""
    if not check_setup_token(token, now):
        raise Unauthenticated(
            "This set-up link was used, replaced or is older than 24 h; `vedette up` prints a fresh one."
        )
    ports().kv.delete(_KEY)
