"""The verbs of accounts."""

from collections.abc import Iterable, Mapping

from vedette.accounts.permissions import Actor, Role, Scope
from vedette.accounts.types import (
    AuditPage,
    Invitation,
    Member,
    NewInvitation,
    TokenRef,
    Totp,
    UserRef,
)


def audit(actor: Actor, action: str, subject: str, detail: Mapping[str, str], now: float) -> None:
    """Write an audit entry in the caller's transaction; values under secret-looking names are masked."""
    raise NotImplementedError


def audit_page(
    *, action: str = "", actor: str = "", subject: str = "", cursor: str | None = None, n: int = 50
) -> AuditPage:
    """Return a page of the audit log, newest first; raises `Invalid` for a cursor nobody gave out."""
    raise NotImplementedError


def user_refs(ids: Iterable[int] | None = None) -> dict[int, UserRef]:
    """Return people by id: the active ones, or (deactivated too) those asked for."""
    raise NotImplementedError


def has_admin() -> bool:
    """Tell whether an active owner or administrator exists."""
    raise NotImplementedError


def users() -> tuple[Member, ...]:
    """Return everybody, deactivated people too, by name."""
    raise NotImplementedError


def create_user(actor: Actor, name: str, email: str, password: str, role: Role, now: float) -> UserRef:
    """Add a person; raises `Invalid` with `fields` (name, email, password, role), `Forbidden`, `Conflict`."""
    raise NotImplementedError


def change_role(actor: Actor, user_id: int, role: Role, now: float) -> UserRef:
    """Give a person another role; raises `Forbidden` (owners are changed by owners, the last owner stays)."""
    raise NotImplementedError


def set_active(actor: Actor, user_id: int, active: bool, now: float) -> None:
    """Deactivate or reactivate a person; deactivating ends all sessions and silences the tokens."""
    raise NotImplementedError


def invite(actor: Actor, email: str, role: Role, now: float) -> NewInvitation:
    """Invite a person; the link works once, for 7 days. Mailed when SMTP is set."""
    raise NotImplementedError


def invitations(now: float) -> tuple[Invitation, ...]:
    """Return the invitations that are open at `now`, newest first."""
    raise NotImplementedError


def create_token(
    actor: Actor, name: str, scopes: Iterable[Scope], now: float, expires_at: float | None = None
) -> tuple[str, TokenRef]:
    """Make an API token and return its secret (shown once) and its description.

    A token of the system actor (CLI) belongs to nobody and acts with the role admin, capped by its scopes.
    """
    raise NotImplementedError


def authenticate_token(token: str, now: float, address: str) -> Actor:
    """Return who a bearer token speaks for; raises `Unauthenticated`, or `Throttled` beyond its requests a minute."""
    raise NotImplementedError


def setup_link_token(now: float) -> str:
    """Make the one-time set-up token (24 h; the one before dies) and return it. Raises `Conflict` once an administrator exists."""
    raise NotImplementedError


def check_setup_token(token: str, now: float) -> bool:
    """Tell whether a set-up token is the living one and no administrator exists; consumes nothing."""
    raise NotImplementedError


def consume_setup_token(token: str, now: float) -> None:
    """Use the set-up token up, in the caller's transaction; raises `Unauthenticated` when it is not the living one."""
    raise NotImplementedError


def begin_totp(user_id: int) -> Totp:
    """Return a seed to enrol; the same one until it is confirmed, so a page may be loaded again."""
    raise NotImplementedError


def confirm_totp(user_id: int, code: str, now: float) -> bool:
    """Enrol the begun seed when the code is right (recovery codes are made with it); False when it is not."""
    raise NotImplementedError


def recovery_codes(user_id: int) -> tuple[str, ...]:
    """Return the recovery codes that were not used yet."""
    raise NotImplementedError


def clean_up(now: float) -> int:
    """Delete ended sessions, forgotten sign-in tries and old invitations; return how many rows went."""
    raise NotImplementedError
