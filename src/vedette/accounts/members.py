"""May this actor make that of this person? Owners are changed by owners, and one owner always stays."""

import msgspec

from vedette.accounts.permissions import Actor, ActorKind, Decision, Role, Verb, may

PRIVILEGED = frozenset({Role.OWNER, Role.ADMIN})
GRACE = 7 * 86_400.0


class Target(msgspec.Struct, frozen=True):
    """The person to be changed."""

    id: int
    role: Role
    active: bool = True


def may_add(actor: Actor, role: Role) -> Decision:
    """Decide whether the actor may add or invite a person with this role."""
    allowed = may(actor, Verb.USER_WRITE)
    if not allowed.allowed or role is not Role.OWNER:
        return allowed
    return _owners_only(actor)


def may_change_role(actor: Actor, target: Target, role: Role, owners: int) -> Decision:
    """Decide whether the actor may give the person another role; `owners` counts the active ones."""
    return _may_touch(actor, target, owners, lowers=role is not Role.OWNER, raises=role is Role.OWNER)


def may_set_active(actor: Actor, target: Target, active: bool, owners: int) -> Decision:
    """Decide whether the actor may deactivate or reactivate the person."""
    if not active and _is_self(actor, target):
        return Decision(False, "You cannot deactivate yourself; ask another administrator.")
    return _may_touch(actor, target, owners, lowers=not active, raises=False)


def may_reset_factor(actor: Actor, target: Target) -> Decision:
    """Decide whether the actor may take away the person's authenticator (a lost phone)."""
    if _is_self(actor, target):
        return Decision(False, "Change your own authenticator under Settings, Two-factor.")
    return _may_touch(actor, target, owners=2, lowers=False, raises=False)


def may_sign_out(actor: Actor, target: Target) -> Decision:
    """Decide whether the actor may end the person's sessions."""
    if _is_self(actor, target):
        return Decision(False, "End your own sessions under Settings, Sessions.")
    return _may_touch(actor, target, owners=2, lowers=False, raises=False)


class Duty(msgspec.Struct, frozen=True):
    """Whether a person must have a second factor now; `until` is the end of the grace, None where none runs."""

    overdue: bool
    until: float | None
    reason: str


def second_factor_duty(role: Role, has_factor: bool, privileged_at: float | None, now: float) -> Duty:
    """Decide whether somebody may go on without a second factor; `privileged_at`: since when the duty runs."""
    if role not in PRIVILEGED:
        return Duty(False, None, "Only owners and administrators must have a second factor.")
    if has_factor:
        return Duty(False, None, "A second factor is set up.")
    until = (now if privileged_at is None else privileged_at) + GRACE
    if now < until:
        return Duty(
            False, until, "Owners and administrators set up an authenticator or a passkey within 7 days."
        )
    return Duty(
        True, until, "Owners and administrators need an authenticator or a passkey; set one up to go on."
    )


def _may_touch(actor: Actor, target: Target, owners: int, *, lowers: bool, raises: bool) -> Decision:
    allowed = may(actor, Verb.USER_WRITE)
    if not allowed.allowed:
        return allowed
    if raises or target.role is Role.OWNER:
        allowed = _owners_only(actor)
    if allowed.allowed and lowers and target.role is Role.OWNER and target.active and owners <= 1:
        return Decision(False, "This is the last owner; make somebody else an owner first.")
    return allowed


def _owners_only(actor: Actor) -> Decision:
    if may(actor, Verb.OWNER_WRITE).allowed:
        return Decision(True, "Owners may change owners.")
    return Decision(False, "Only an owner changes owners, signed in (not by token).")


def _is_self(actor: Actor, target: Target) -> bool:
    return actor.kind in {ActorKind.USER, ActorKind.TOKEN} and actor.id == target.id
