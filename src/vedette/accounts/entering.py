"""The verbs of signing in: may somebody try now, and which browsers are signed in."""

import ipaddress
from collections.abc import Mapping

from vedette_guard.decisions.browsers import family

from vedette.accounts import people, sessions, throttle
from vedette.accounts.auditing import audit
from vedette.accounts.permissions import Actor, ActorKind, Verb, require
from vedette.accounts.sessions import Ending, SessionVerdict
from vedette.accounts.store import entering as store
from vedette.accounts.store import invitations, users
from vedette.accounts.throttle import Scope, Tries
from vedette.accounts.types import SessionRef
from vedette.core import ids
from vedette.core.errors import Forbidden, Invalid, NotFound, Throttled
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports

_TRIES_KEPT = 86_400.0
_KNOWN_KEPT = 90 * 86_400.0
_INVITATIONS_KEPT = 30 * 86_400.0


def begin_try(account: str, address: str, now: float) -> None:
    """Count a try to sign in before it is made, so that tries side by side count too.

    `account` is what is tried (an e-mail, whether or not anybody has it). Raises `Throttled`, saying the same for
    an account that exists and for one that does not. Follow with `succeed_try` when it went well.
    """
    keys = _keys(account, address)
    with transaction():
        found = store.tries([*keys.values(), _known(account, address)])
        tries = {scope: found.get(key, Tries()) for scope, key in keys.items()}
        verdict = throttle.judge(_known(account, address) in found, tries, now)
        if verdict.allowed:
            counted = {keys[scope]: throttle.failed(tries[scope], scope, now) for scope in keys}
            store.set_tries(counted)
    if not verdict.allowed:
        seconds = max(1, round(verdict.wait))
        raise Throttled(f"Too many tries went wrong. Try again in {_span(seconds)}.", verdict.wait)


def succeed_try(account: str, address: str, now: float) -> None:
    """Forget the account's failed tries, remember that it signs in from here; the address keeps its other failures."""
    keys = _keys(account, address)
    with transaction():
        of_address = store.tries([keys[Scope.ADDRESS]]).get(keys[Scope.ADDRESS], Tries())
        store.forget_tries([keys[Scope.ACCOUNT], keys[Scope.PAIR]])
        store.set_tries(
            {
                keys[Scope.ADDRESS]: Tries(max(0, of_address.failures - 1), of_address.last_at),
                _known(account, address): Tries(0, now),
            }
        )


def forgive(account: str) -> None:
    """Forget an account's failed tries: its owner proved to be it in another way (a reset by mail)."""
    store.forget_tries([_key(Scope.ACCOUNT, account)])


def prove(actor: Actor, password: str, address: str, now: float) -> None:
    """Pass for a signed-in person who knows the password of the account, before something that must not leak is shown.

    Tries count as those to sign in do. Raises `Forbidden` for tokens, `Invalid` (`current`), `Throttled`.
    """
    if actor.kind is not ActorKind.USER:
        raise Forbidden("This is shown to people who sign in, never to a token.")
    if not users.has_password(actor.id):
        raise Invalid(
            "You have no password here yet: sign out and set one by “Forgot the password?”.",
            {"current": "none"},
        )
    account = people.user(actor.id).ref.email
    begin_try(account, address, now)
    if not users.password_fits(actor.id, password):
        raise Invalid("This is not your current password.", {"current": "wrong"})
    succeed_try(account, address, now)


def open_session(user_id: int, address: str, user_agent: str, now: float) -> str:
    """Note that a person signed in with a browser; return the id to keep in its session."""
    session_id = ids.new_id()
    with transaction():
        store.open_browser(store.Browser(session_id, user_id, now, now, address, user_agent))
        users.change(user_id, last_seen_at=now)
        users.begin_duty(user_id, now)
        ref = people.user(user_id).ref
        actor = Actor(kind=ActorKind.USER, id=ref.id, name=ref.name, role=ref.role)
        audit(actor, "session.open", ref.email, {"device": family(user_agent)}, now)
    return session_id


def failed_sign_in(account: str, now: float) -> None:
    """Write down that somebody failed to sign in; only for accounts that exist, so the log stays readable."""
    found = users.by_email(account)
    if found is not None:
        nobody = Actor(kind=ActorKind.ANONYMOUS, name="somebody")
        audit(nobody, "session.refused", found.email, {}, now)


def judge_session(session_id: str, user_id: int, address: str, now: float) -> tuple[SessionVerdict, bool]:
    """Decide whether a session goes on, note (at most once a minute) that it was seen; the second is "has an authenticator"."""
    found = store.standing(session_id, user_id)
    if found is None:
        return SessionVerdict(False, False, Ending.NONE, "The session was ended; sign in again."), False
    settings = ports().settings
    verdict = sessions.judge(
        found.created_at,
        found.last_seen_at,
        now,
        settings.session_idle_hours * 3_600.0,
        settings.session_max_days * 86_400.0,
    )
    if verdict.note_seen:
        store.note_seen(session_id, user_id, address, now)
    elif not verdict.alive:
        store.close_browser(session_id, user_id)
    return verdict, bool(found.has_factor)


def addresses_seen(since: float) -> tuple[tuple[str, float, str], ...]:
    """Return from which addresses signed-in people were seen since an instant: address, when last, whose."""
    return store.addresses_seen(since)


def sessions_of(user_id: int, current: str, now: float) -> tuple[SessionRef, ...]:
    """Return a person's living sessions, the current one first."""
    idle, longest = _limits()
    living = [
        b
        for b in store.browsers(user_id)
        if sessions.judge(b.created_at, b.last_seen_at, now, idle, longest).alive
    ]
    shown = [
        SessionRef(
            id=b.id,
            device=family(b.user_agent),
            address=b.address,
            created_at=b.created_at,
            last_seen_at=b.last_seen_at,
            current=b.id == current,
        )
        for b in living
    ]
    return tuple(sorted(shown, key=lambda s: not s.current))


def end_session(actor: Actor, session_id: str, now: float) -> None:
    """End one of one's own sessions; raises `NotFound`."""
    require(actor, Verb.ACCOUNT_OWN)
    with transaction():
        if not store.close_browser(session_id, actor.id):
            raise NotFound("That session has ended already.")
        audit(actor, "session.end", actor.name, {}, now)


def sign_out_everywhere(actor: Actor, now: float, keep: str = "") -> int:
    """End every session of one's own but `keep`, and with them their live streams; return how many ended."""
    require(actor, Verb.ACCOUNT_OWN)
    with transaction():
        ended = store.close_browsers(actor.id, but=keep)
        action = "session.end-others" if keep else "session.end-all"
        audit(actor, action, actor.name, {"ended": str(ended)}, now)
    return ended


def close_session(session_id: str, user_id: int) -> None:
    """Forget a session whose person signed out."""
    store.close_browser(session_id, user_id)


def clean_up(now: float) -> int:
    """Delete ended sessions, forgotten sign-in tries and old invitations; return how many rows went."""
    idle, longest = _limits()
    gone = store.drop_browsers(now - idle, now - longest)
    gone += store.drop_django_sessions(now)
    gone += store.drop_tries_before(now - _TRIES_KEPT, now - _KNOWN_KEPT)
    return gone + invitations.drop_before(now - _INVITATIONS_KEPT)


def _limits() -> tuple[float, float]:
    settings = ports().settings
    return settings.session_idle_hours * 3_600.0, settings.session_max_days * 86_400.0


def _keys(account: str, address: str) -> Mapping[Scope, str]:
    block = _block(address)
    return {
        Scope.ACCOUNT: _key(Scope.ACCOUNT, account),
        Scope.ADDRESS: _key(Scope.ADDRESS, block),
        Scope.PAIR: _key(Scope.PAIR, f"{_norm(account)} {block}"),
    }


def _key(scope: Scope, text: str) -> str:
    return f"{scope}:{ids.hash_secret(_norm(text))}"


def _known(account: str, address: str) -> str:
    return f"known:{ids.hash_secret(f'{_norm(account)} {_block(address)}')}"


def _norm(account: str) -> str:
    return account.strip().lower()


def _block(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)


def _span(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"
