"""The SQL of invitations."""

from vedette.accounts.models import InvitationRow
from vedette.accounts.permissions import Role
from vedette.accounts.types import Invitation


def add(digest: str, email: str, role: Role, *, by: str, now: float, expires_at: float) -> Invitation:
    """Insert an invitation."""
    row = InvitationRow.objects.create(
        digest=digest,
        email=email,
        role=role.value,
        created_at=now,
        expires_at=expires_at,
        invited_by=by[:120],
    )
    return _invitation(row)


def open_at(now: float) -> tuple[Invitation, ...]:
    """Return the invitations that can still be accepted, newest first."""
    found = InvitationRow.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)
    return tuple(_invitation(row) for row in found.order_by("-id"))


def by_digest(digest: str) -> Invitation | None:
    """Return the invitation with this digest, whatever became of it."""
    row = InvitationRow.objects.filter(digest=digest).first()
    return None if row is None else _invitation(row)


def find(invitation_id: int) -> Invitation | None:
    """Return one invitation."""
    row = InvitationRow.objects.filter(id=invitation_id).first()
    return None if row is None else _invitation(row)


def accept(invitation_id: int, now: float) -> bool:
    """Mark as accepted; False when it was accepted or revoked meanwhile."""
    rows = InvitationRow.objects.filter(id=invitation_id, accepted_at=None, revoked_at=None)
    return rows.update(accepted_at=now) == 1


def revoke(invitation_id: int, now: float) -> bool:
    """Mark as revoked; False when it was accepted or revoked before."""
    rows = InvitationRow.objects.filter(id=invitation_id, accepted_at=None, revoked_at=None)
    return rows.update(revoked_at=now) == 1


def revoke_for(email: str, now: float) -> int:
    """Revoke every open invitation to an e-mail; return how many there were."""
    return InvitationRow.objects.filter(email=email, accepted_at=None, revoked_at=None).update(revoked_at=now)


def drop_before(instant: float) -> int:
    """Delete invitations that expired before an instant."""
    return InvitationRow.objects.filter(expires_at__lt=instant).delete()[0]


def _invitation(row: InvitationRow) -> Invitation:
    return Invitation(
        id=row.pk,
        email=row.email,
        role=Role(row.role),
        created_at=row.created_at,
        expires_at=row.expires_at,
        invited_by=row.invited_by,
        accepted_at=row.accepted_at,
        revoked_at=row.revoked_at,
    )
