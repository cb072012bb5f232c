"""The verbs of invitations: a link that works once, for 7 days, known to the invited person alone."""

from vedette.accounts import mailing, members, people
from vedette.accounts.auditing import audit
from vedette.accounts.permissions import Actor, ActorKind, Role, Verb, require
from vedette.accounts.store import invitations as store
from vedette.accounts.store import users
from vedette.accounts.types import Invitation, NewInvitation, UserRef
from vedette.core import ids
from vedette.core.errors import Conflict, Forbidden, NotFound
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports

_LIVES = 7 * 86_400.0
_TEXT = """{by} invites you to Vedette at {url}, as {role}.

Open this link within 7 days to choose a password:

{link}

It works once. If you do not know what this is about, ignore this mail.
"""


def invite(actor: Actor, email: str, role: Role, now: float) -> NewInvitation:
    """Invite a person; an earlier open invitation to the same e-mail dies. Mailed when SMTP is set.

    Raises `Invalid` (email), `Forbidden`, and `Conflict` when somebody with this e-mail is here.
    """
    require(actor, Verb.USER_WRITE)
    decision = members.may_add(actor, role)
    if not decision.allowed:
        raise Forbidden(decision.reason)
    email = people.clean_email(email)
    people.refuse(email=people.email_problem(email))
    if users.by_email(email) is not None:
        raise Conflict("Somebody with this e-mail address is here already.")
    secret = ids.new_secret()
    with transaction():
        store.revoke_for(email, now)
        made = store.add(
            ids.hash_secret(secret), email, role, by=actor.name, now=now, expires_at=now + _LIVES
        )
        audit(actor, "invitation.create", email, {"role": role.value}, now)
    return _handed_over(made, secret, now)


def invitations(now: float) -> tuple[Invitation, ...]:
    """Return the invitations that are open at `now`, newest first."""
    return store.open_at(now)


def revoke_invitation(actor: Actor, invitation_id: int, now: float) -> None:
    """Let an invitation's link work no more; raises `NotFound` when it is not open."""
    require(actor, Verb.USER_WRITE)
    found = store.find(invitation_id)
    if found is None:
        raise NotFound(f"There is no invitation {invitation_id}.")
    if found.role is Role.OWNER:
        require(actor, Verb.OWNER_WRITE)
    with transaction():
        if not store.revoke(invitation_id, now):
            raise NotFound("This invitation was accepted or revoked already.")
        audit(actor, "invitation.revoke", found.email, {"role": found.role.value}, now)


def invitation(secret: str, now: float) -> Invitation:
    """Return the open invitation a link's secret stands for; raises `NotFound` in the same words for every other."""
    found = store.by_digest(ids.hash_secret(secret))
    spent = found is None or found.accepted_at is not None or found.revoked_at is not None
    if found is None or spent or found.expires_at <= now:
        raise NotFound("This invitation was used, revoked or has expired; ask for a new one.")
    return found


def accept_invitation(secret: str, name: str, password: str, now: float) -> UserRef:
    """Become a user by an invitation, which is used up; raises `NotFound`, `Invalid` (name, password), `Conflict`."""
    with transaction():
        found = invitation(secret, now)
        guest = Actor(kind=ActorKind.ANONYMOUS, name=name.strip()[:120] or found.email)
        made = people.admit_user(
            guest, name=name, email=found.email, password=password, role=found.role, now=now
        )
        if not store.accept(found.id, now):
            raise NotFound("This invitation was used meanwhile; ask for a new one.")
        audit(guest, "invitation.accept", found.email, {"invited by": found.invited_by}, now)
    return made


def _handed_over(made: Invitation, secret: str, now: float) -> NewInvitation:
    url = ports().settings.public_url
    link = f"{url}/invitation/{secret}/"
    if not mailing.can_mail():
        return NewInvitation(made, link, mailed=False, problem="No mail server is set.")
    text = _TEXT.format(by=made.invited_by, url=url, role=made.role.value, link=link)
    problem = mailing.send_now(mailing.letter(made.email, "Your invitation to Vedette", text, now))
    return NewInvitation(made, link, mailed=not problem, problem=problem)
