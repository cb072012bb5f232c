"""The SQL of identities: whom a provider knows as what."""

from vedette.accounts.models import IdentityRow


def owner(issuer: str, subject: str) -> int | None:
    """Return the id of the person a provider knows under this subject."""
    row = IdentityRow.objects.filter(issuer=issuer, subject=subject).first()
    return None if row is None else row.user_id


def link(issuer: str, subject: str, user_id: int, now: float) -> None:
    """Remember whom a provider knows under a subject."""
    IdentityRow.objects.create(issuer=issuer, subject=subject, user_id=user_id, linked_at=now)
