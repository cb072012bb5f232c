"""The SQL of API tokens."""

import msgspec

from vedette.accounts.models import TokenRow
from vedette.accounts.permissions import Role, Scope
from vedette.accounts.types import TokenRef
from vedette.plumbing.db import sql

_SEEN_EVERY = 60.0


class Bearer(msgspec.Struct, frozen=True):
    """A living token and who it speaks for; `role` is None for Vedette's own tokens."""

    token: TokenRef
    role: Role | None
    owner_active: bool


def add(
    digest: str,
    hint: str,
    *,
    name: str,
    scopes: tuple[Scope, ...],
    user: int | None,
    now: float,
    expires_at: float | None,
) -> TokenRef:
    """Insert a token."""
    row = TokenRow.objects.create(
        digest=digest, hint=hint, name=name, scopes=[s.value for s in scopes], user_id=user, created_at=now,
        expires_at=expires_at,
    )  # fmt: skip
    return _token(row)


def page(user: int | None) -> tuple[TokenRef, ...]:
    """Return the tokens of a person (None: everybody's and Vedette's own), the living first, newest first."""
    found = TokenRow.objects.select_related("user").filter(revoked_at=None).order_by("-id")
    return tuple(_token(row) for row in (found if user is None else found.filter(user_id=user)))


def find(token_id: int) -> TokenRef | None:
    """Return one token."""
    row = TokenRow.objects.select_related("user").filter(id=token_id).first()
    return None if row is None else _token(row)


def bearer(digest: str) -> Bearer | None:
    """Return the token with this digest and who it speaks for."""
    row = TokenRow.objects.select_related("user").filter(digest=digest).first()
    if row is None:
        return None
    owner = row.user
    return Bearer(_token(row), None if owner is None else Role(owner.role), owner is None or owner.is_active)


def revoke(token_id: int, now: float) -> bool:
    """Mark as revoked; False when it was before."""
    return TokenRow.objects.filter(id=token_id, revoked_at=None).update(revoked_at=now) == 1


def touch(token_id: int, now: float, address: str) -> None:
    """Note that a token was used, at most once a minute."""
    sql.execute(
        "UPDATE accounts_token SET last_used_at = %s, last_address = %s"
        " WHERE id = %s AND (last_used_at IS NULL OR last_used_at <= %s)",
        [now, address[:45], token_id, now - _SEEN_EVERY],
    )


def _token(row: TokenRow) -> TokenRef:
    return TokenRef(
        id=row.pk,
        name=row.name,
        hint=row.hint,
        scopes=tuple(Scope(scope) for scope in row.scopes),
        user=row.user_id,
        owner="Vedette" if row.user is None else row.user.name,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        last_address=row.last_address,
        revoked_at=row.revoked_at,
    )
