"""The verbs of signing in by an OpenID provider: begin, and take what it answers."""

import base64
import hashlib
import hmac

import msgspec

from vedette.accounts import claims, entering, people, provider
from vedette.accounts.auditing import audit
from vedette.accounts.claims import Claims, Expected
from vedette.accounts.permissions import Actor, ActorKind, Role
from vedette.accounts.store import identities, users
from vedette.core import ids
from vedette.core.errors import Invalid, NotFound
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports

_LIVES = 600.0
SPENT = "This sign-in was used already, is older than 10 minutes, or began in another browser. Begin again."


class Begun(msgspec.Struct, frozen=True):
    """What the browser's session keeps of a sign-in under way: its secrets, the page to go on to, its end."""

    state: str
    nonce: str
    verifier: str
    next: str
    until: float


def offered() -> str:
    """Return the provider's name for the button; empty when none is configured."""
    settings = ports().settings
    return settings.oidc_name if settings.oidc_issuer else ""


def begin(address: str, following: str, now: float) -> tuple[str, Begun]:
    """Return where the browser goes, and what its session keeps. Counts as a try of the address until it succeeds.

    Raises `NotFound` without a provider, `Throttled`, `Unavailable`.
    """
    if not offered():
        raise NotFound("No single sign-on is configured here.")
    entering.begin_try(_tried(address), address, now)
    begun = Begun(ids.new_secret(), ids.new_secret(), ids.new_secret(), following, now + _LIVES)
    digest = hashlib.sha256(begun.verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return provider.address(provider.discover(now), begun.state, begun.nonce, challenge), begun


def finish(begun: Begun | None, state: str, code: str, address: str, now: float) -> int:
    """Return the id of who signed in at the provider; raises `Invalid` in words fit for the page, `Unavailable`."""
    if begun is None or now >= begun.until or not hmac.compare_digest(begun.state.encode(), state.encode()):
        raise Invalid(SPENT)
    settings = ports().settings
    told = provider.claims(provider.discover(now), code, begun.verifier)
    expected = Expected(
        settings.oidc_issuer, settings.oidc_client_id, begun.nonce, claims.domains(settings.oidc_domains)
    )
    verdict = claims.judge(told, expected, now)
    if not verdict.accepted:
        raise Invalid(verdict.reason)
    with transaction():
        user_id = identities.owner(told.iss, told.sub)
        found = _meet(told, now) if user_id is None else user_id
    entering.succeed_try(_tried(address), address, now)
    return found


def _meet(told: Claims, now: float) -> int:
    """Link who comes by the provider for the first time to the account of the verified e-mail, or make one."""
    settings = ports().settings
    row = users.by_email(told.email)
    newcomer = Actor(kind=ActorKind.ANONYMOUS, name=told.email[:120])
    if row is not None:
        user_id = row.pk
    elif settings.oidc_new_users:
        role = Role(settings.oidc_role)
        user_id = people.admit_known(newcomer, name=told.name, email=told.email, role=role, now=now).id
    else:
        raise Invalid("You have no account here; ask an administrator for an invitation.")
    identities.link(told.iss, told.sub, user_id, now)
    audit(newcomer, "identity.link", people.clean_email(told.email), {"issuer": told.iss}, now)
    return user_id


def _tried(address: str) -> str:
    return f"single sign-on from {address}"
