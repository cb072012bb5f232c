"""The verbs of API tokens. They start with `vdt_`, stand in the database as a digest, and never exceed their owner's role.

A token made by Vedette itself (the CLI, also before an administrator exists) belongs to nobody: it acts with the
role admin, capped by its scopes, so it can neither touch owners nor anybody's own account.
"""

import threading
from collections.abc import Iterable

import msgspec

from vedette.accounts import throttle
from vedette.accounts.auditing import audit
from vedette.accounts.people import refuse
from vedette.accounts.permissions import Actor, ActorKind, Role, Scope, Verb, may, require
from vedette.accounts.store import tokens as store
from vedette.accounts.store.tokens import Bearer
from vedette.accounts.throttle import Bucket
from vedette.accounts.types import TokenRef
from vedette.core import ids
from vedette.core.clock import monotonic
from vedette.core.errors import Forbidden, NotFound, Throttled, Unauthenticated
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports

PREFIX = "vdt_"
_LOOK_AGAIN = 0.5
_MOST_KEPT = 1_000
_SEEN_EVERY = 60.0
_YEARS = 10 * 366 * 86_400.0


class _Known(msgspec.Struct):
    bearer: Bearer
    looked_at: float
    bucket: Bucket


class _Looked:
    """Tokens seen lately. A look-up counts for half a second, so a revocation anywhere is obeyed within one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def bearer(self, digest: str) -> Bearer | None:
        """Return the token, from memory when it was looked up just now."""
        tick = monotonic()
        with self._lock:
            known = self._known.get(digest)
            if known is not None and tick - known.looked_at < _LOOK_AGAIN:
                return known.bearer
        found = store.bearer(digest)
        with self._lock:
            self._keep(digest, found, tick)
        return found

    def spend(self, digest: str, now: float, per_minute: int) -> throttle.Admission:
        """Take one request out of the token's bucket."""
        with self._lock:
            known = self._known.get(digest)
            if known is None:
                return throttle.Admission(True, 0.0, "The token is not known any more.")
            admission, known.bucket = throttle.spend(known.bucket, now, per_minute)
            return admission

    def forget(self) -> None:
        """Look every token up again; what they spent stays."""
        with self._lock:
            for known in self._known.values():
                known.looked_at = -1e9

    def _keep(self, digest: str, found: Bearer | None, tick: float) -> None:
        if found is None:
            self._known.pop(digest, None)
            return
        if len(self._known) >= _MOST_KEPT and digest not in self._known:
            self._known.pop(next(iter(self._known)))
        before = self._known.get(digest)
        self._known[digest] = _Known(found, tick, before.bucket if before else Bucket())


_LOOKED = _Looked()


def create_token(
    actor: Actor, name: str, scopes: Iterable[Scope], now: float, expires_at: float | None = None
) -> tuple[str, TokenRef]:
    """Make an API token and return its secret (shown once) and its description.

    Raises `Invalid` (name, scopes, expires_at) and `Forbidden`: a token never gets more than its maker has.
    """
    require(actor, Verb.TOKEN_OWN)
    wanted = tuple(scope for scope in Scope if scope in set(scopes))
    name = name.strip()
    refuse(
        name="" if 1 <= len(name) <= 80 and name.isprintable() else "A name has 1 to 80 characters.",
        scopes="" if wanted else "Choose at least one scope.",
        expires_at=_expiry_problem(expires_at, now),
    )
    _check_scopes(actor, wanted)
    secret = PREFIX + ids.new_secret()
    with transaction():
        owner = None if actor.kind is ActorKind.SYSTEM or actor.id == 0 else actor.id
        made = store.add(
            ids.hash_secret(secret),
            secret[:8],
            name=name,
            scopes=wanted,
            user=owner,
            now=now,
            expires_at=expires_at,
        )
        audit(actor, "token.create", name, {"scopes": ", ".join(wanted), "hint": made.hint}, now)
    return secret, made


def tokens(actor: Actor) -> tuple[TokenRef, ...]:
    """Return the living tokens the actor may see: everybody's for administrators, else one's own; newest first."""
    if may(actor, Verb.TOKEN_ALL).allowed:
        return store.page(None)
    require(actor, Verb.TOKEN_OWN)
    return store.page(actor.id)


def revoke_token(actor: Actor, token_id: int, now: float) -> None:
    """Let a token work no more, within a second everywhere; raises `NotFound` also for others' tokens."""
    found = store.find(token_id)
    own = found is not None and found.user == actor.id and may(actor, Verb.TOKEN_OWN).allowed
    if found is None or not (own or may(actor, Verb.TOKEN_ALL).allowed):
        require(actor, Verb.TOKEN_OWN)
        raise NotFound(f"There is no token {token_id}.")
    with transaction():
        if store.revoke(token_id, now):
            audit(actor, "token.revoke", found.name, {"hint": found.hint, "owner": found.owner}, now)
    _LOOKED.forget()


def authenticate_token(token: str, now: float, address: str) -> Actor:
    """Return who a bearer token speaks for.

    Raises `Unauthenticated` for one that is unknown, expired, revoked or whose owner is deactivated, and
    `Throttled` beyond its requests a minute.
    """
    found = _living(token, now)
    admission = _LOOKED.spend(ids.hash_secret(token), now, ports().settings.token_requests_per_minute)
    if not admission.allowed:
        raise Throttled(admission.reason, admission.wait)
    return _used(found, now, address)


def token_actor(token: str, now: float, address: str) -> Actor:
    """Return who a token speaks for where its requests are counted by somebody else (pushed alerts have limits of their own).

    Raises `Unauthenticated`.
    """
    return _used(_living(token, now), now, address)


def _living(token: str, now: float) -> Bearer:
    found = _LOOKED.bearer(ids.hash_secret(token)) if token.startswith(PREFIX) else None
    if found is None or found.token.revoked_at is not None or not found.owner_active:
        raise Unauthenticated("The token is not known or was revoked; make one under Settings, API tokens.")
    if found.token.expires_at is not None and found.token.expires_at <= now:
        raise Unauthenticated("The token has expired; make another one under Settings, API tokens.")
    return found


def _used(found: Bearer, now: float, address: str) -> Actor:
    if found.token.last_used_at is None or now - found.token.last_used_at >= _SEEN_EVERY:
        store.touch(found.token.id, now, address)
        _LOOKED.forget()
    return _actor(found)


def _actor(found: Bearer) -> Actor:
    return Actor(
        kind=ActorKind.TOKEN,
        id=found.token.user or 0,
        name=found.token.name if found.token.user is None else f"{found.token.owner} ({found.token.name})",
        role=Role.ADMIN if found.token.user is None else found.role,
        scopes=frozenset(found.token.scopes),
        token_id=found.token.id,
    )


def _check_scopes(actor: Actor, wanted: tuple[Scope, ...]) -> None:
    if actor.kind is ActorKind.TOKEN and not set(wanted) <= actor.scopes:
        raise Forbidden("A token makes only tokens whose scopes it has itself.")
    if Scope.ADMIN in wanted and not may(actor, Verb.USER_WRITE).allowed:
        raise Forbidden("The scope admin is for owners and administrators; your role does not include it.")


def _expiry_problem(expires_at: float | None, now: float) -> str:
    if expires_at is None or now < expires_at <= now + _YEARS:
        return ""
    return "Choose an instant to come, within ten years."
