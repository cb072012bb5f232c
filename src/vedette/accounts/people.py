"""The verbs on people: add, change, deactivate."""

import re
from collections.abc import Iterable

from vedette.accounts import leaked, members
from vedette.accounts.auditing import audit
from vedette.accounts.members import Target
from vedette.accounts.permissions import Actor, ActorKind, Decision, Role, Verb, require
from vedette.accounts.store import entering, factors
from vedette.accounts.store import users as store
from vedette.accounts.types import Member, UserRef
from vedette.core.errors import Forbidden, Invalid, NotFound
from vedette.plumbing.db.sql import transaction

_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+")


def user_refs(ids: Iterable[int] | None = None) -> dict[int, UserRef]:
    """Return people by id: the active ones, or (deactivated too) those asked for."""
    return store.refs(ids)


def has_admin() -> bool:
    """Tell whether an active owner or administrator exists."""
    return store.has_admin()


def users() -> tuple[Member, ...]:
    """Return everybody, the active first, by name."""
    return store.members()


def user(user_id: int) -> Member:
    """Return one person; raises `NotFound`."""
    found = store.member(user_id)
    if found is None:
        raise NotFound(f"There is no user {user_id}; the list is at /settings/users/.")
    return found


def actor_for(user_id: int) -> Actor:
    """Return the actor a signed-in person is; raises `NotFound`."""
    ref = user(user_id).ref
    return Actor(kind=ActorKind.USER, id=ref.id, name=ref.name, role=ref.role)


def create_user(  # noqa: PLR0917 - what a person is made of
    actor: Actor, name: str, email: str, password: str, role: Role, now: float
) -> UserRef:
    """Add a person; raises `Invalid` with `fields` (name, email, password), `Forbidden`, `Conflict`."""
    _allow(members.may_add(actor, role))
    return admit_user(actor, name=name, email=email, password=password, role=role, now=now)


def admit_user(actor: Actor, *, name: str, email: str, password: str, role: Role, now: float) -> UserRef:
    """Add a person whose right to come was decided before: by an administrator, or by an invitation."""
    name, email = name.strip(), clean_email(email)
    refuse(
        name=name_problem(name),
        email=email_problem(email),
        password=" ".join(leaked.password_problems(password, (name, email))),
    )
    with transaction():
        made = store.add(name, email, password, role, now)
        audit(actor, "user.create", made.email, {"name": name, "role": role.value}, now)
    return made


def admit_known(actor: Actor, *, name: str, email: str, role: Role, now: float) -> UserRef:
    """Add a person whom a provider vouches for, without a password; raises `Invalid` for no e-mail address."""
    email = clean_email(email)
    name = " ".join(name.split())[:120]
    shown = name if not name_problem(name) else email.partition("@")[0]
    refuse(email=email_problem(email), name=name_problem(shown))
    with transaction():
        made = store.add(shown, email, None, role, now)
        detail = {"name": shown, "role": role.value, "by": "single sign-on"}
        audit(actor, "user.create", made.email, detail, now)
    return made


def change_role(actor: Actor, user_id: int, role: Role, now: float) -> UserRef:
    """Give a person another role; raises `Forbidden` (owners are changed by owners, the last owner stays)."""
    require(actor, Verb.USER_WRITE)
    with transaction():
        before = user(user_id)
        _allow(members.may_change_role(actor, _target(before), role, store.owners()))
        if role is before.ref.role:
            return before.ref
        store.change(user_id, role=role.value)
        if role in members.PRIVILEGED and before.ref.role not in members.PRIVILEGED:
            store.begin_duty(user_id, now)
        detail = {"from": before.ref.role.value, "to": role.value}
        audit(actor, "user.role", before.ref.email, detail, now)
    return user(user_id).ref


def set_active(actor: Actor, user_id: int, active: bool, now: float) -> None:
    """Deactivate or reactivate a person; deactivating ends all sessions and silences the tokens."""
    require(actor, Verb.USER_WRITE)
    with transaction():
        before = user(user_id)
        _allow(members.may_set_active(actor, _target(before), active, store.owners()))
        if active == before.active:
            return
        store.change(user_id, is_active=active)
        if not active:
            entering.close_browsers(user_id)
        audit(actor, "user.activate" if active else "user.deactivate", before.ref.email, {}, now)


def reset_second_factor(actor: Actor, user_id: int, now: float) -> None:
    """Take away a person's authenticator and recovery codes (a lost phone), and end the person's sessions."""
    require(actor, Verb.USER_WRITE)
    with transaction():
        before = user(user_id)
        _allow(members.may_reset_factor(actor, _target(before)))
        factors.drop(user_id)
        entering.close_browsers(user_id)
        store.change(user_id, privileged_at=now if before.ref.role in members.PRIVILEGED else None)
        audit(actor, "two-factor.reset", before.ref.email, {}, now)


def sign_out(actor: Actor, user_id: int, now: float) -> int:
    """End every session of another person; return how many ended. Tokens work on. Raises `Forbidden`, `NotFound`."""
    require(actor, Verb.USER_WRITE)
    with transaction():
        found = user(user_id)
        _allow(members.may_sign_out(actor, _target(found)))
        ended = entering.close_browsers(user_id)
        audit(actor, "session.end-all", found.ref.email, {"ended": str(ended)}, now)
    return ended


def rename(actor: Actor, name: str, now: float) -> None:
    """Change one's own name; raises `Invalid`."""
    require(actor, Verb.ACCOUNT_OWN)
    name = name.strip()
    refuse(name=name_problem(name))
    with transaction():
        before = user(actor.id).ref
        store.change(actor.id, name=name)
        audit(actor, "account.name", before.email, {"from": before.name, "to": name}, now)


def change_email(actor: Actor, email: str, now: float) -> None:
    """Change one's own e-mail, which signs in from now on; raises `Invalid`, `Conflict`."""
    require(actor, Verb.ACCOUNT_OWN)
    email = clean_email(email)
    refuse(email=email_problem(email))
    with transaction():
        before = user(actor.id).ref
        store.set_email(actor.id, email)
        audit(actor, "account.email", email, {"from": before.email, "to": email}, now)


def change_password(actor: Actor, password: str, now: float, keep_session: str = "") -> None:
    """Change one's own password and end every session but `keep_session`; raises `Invalid`.

    The caller has checked the present password (or the reset key).
    """
    require(actor, Verb.ACCOUNT_OWN)
    ref = user(actor.id).ref
    refuse(password=" ".join(leaked.password_problems(password, (ref.name, ref.email))))
    with transaction():
        store.set_password(actor.id, password)
        ended = entering.close_browsers(actor.id, but=keep_session)
        audit(actor, "account.password", ref.email, {"sessions ended": str(ended)}, now)


def reset_password(user_id: int, password: str, now: float) -> None:
    """Write a password whose owner proved to be it by mail; the form has checked it. Every session ends."""
    with transaction():
        store.set_password(user_id, password)
        entering.close_browsers(user_id)
        audit(actor_for(user_id), "account.password-reset", user(user_id).ref.email, {}, now)


def clean_email(email: str) -> str:
    """Return an e-mail address as it is stored: without space around, in lower case."""
    return email.strip().lower()


def email_problem(email: str) -> str:
    """Return what is wrong with an e-mail address, empty when nothing is."""
    fine = len(email) <= 254 and _EMAIL.fullmatch(email) is not None
    return "" if fine else "Enter an e-mail address, like ada@example.org."


def name_problem(name: str) -> str:
    """Return what is wrong with a name, empty when nothing is."""
    fine = 1 <= len(name) <= 120 and name.isprintable()
    return "" if fine else "A name has 1 to 120 characters in one line."


def refuse(**problems: str) -> None:
    """Raise `Invalid` naming the fields whose problem is not empty."""
    wrong = {field: text for field, text in problems.items() if text}
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)


def _target(member: Member) -> Target:
    return Target(member.ref.id, member.ref.role, member.active)


def _allow(decision: Decision) -> None:
    if not decision.allowed:
        raise Forbidden(decision.reason)
