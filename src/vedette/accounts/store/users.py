"""The SQL of people."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError
from django.db.models import Exists, OuterRef, QuerySet

from vedette.accounts.models import User
from vedette.accounts.permissions import Role
from vedette.accounts.types import Member, UserRef
from vedette.core.errors import Conflict
from vedette.plumbing.db.sql import transaction
from vedette.ui.words import initials

_ADMINS = (Role.OWNER.value, Role.ADMIN.value)


def ref(user: User) -> UserRef:
    """Return a person as other rooms show one."""
    return UserRef(user.pk, user.name, user.email, initials(user.name), Role(user.role))


def refs(ids: Iterable[int] | None) -> dict[int, UserRef]:
    """Return the active people, or those asked for, by id."""
    found = User.objects.filter(is_active=True) if ids is None else User.objects.filter(id__in=set(ids))
    return {user.pk: ref(user) for user in found.order_by("name")}


def has_admin() -> bool:
    """Tell whether an active owner or administrator exists."""
    return User.objects.filter(is_active=True, role__in=_ADMINS).exists()


def owners() -> int:
    """Count the active owners."""
    return User.objects.filter(is_active=True, role=Role.OWNER.value).count()


def members() -> tuple[Member, ...]:
    """Return everybody by name, the active first."""
    return tuple(_member(user) for user in _with_factor().order_by("-is_active", "name", "id"))


def member(user_id: int) -> Member | None:
    """Return one person."""
    found = _with_factor().filter(id=user_id).first()
    return None if found is None else _member(found)


def find(user_id: int) -> User | None:
    """Return the row of a person."""
    return User.objects.filter(id=user_id).first()


def by_email(email: str) -> User | None:
    """Return the row of the person with this e-mail, whatever its case."""
    return User.objects.filter(email=email.strip().lower()).first()


def add(name: str, email: str, password: str | None, role: Role, now: float) -> UserRef:
    """Insert a person, without a password for None; raises `Conflict` when the e-mail is taken."""
    user = User(name=name, email=email, role=role.value, created_at=now)
    user.set_password(password)
    try:
        with transaction():
            user.save()
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    except IntegrityError:
        raise Conflict("Somebody with this e-mail address is here already.") from None
    return ref(user)


def change(user_id: int, **columns: str | float | bool | None) -> None:
    """Write columns of a person."""
    User.objects.filter(id=user_id).update(**columns)


def set_email(user_id: int, email: str) -> None:
    """Give a person another e-mail; the old one signs nobody in any more. Raises `Conflict` when it is taken."""
    try:
        with transaction():
            EmailAddress.objects.filter(user_id=user_id).delete()
            EmailAddress.objects.create(user_id=user_id, email=email, verified=True, primary=True)
            User.objects.filter(id=user_id).update(email=email)
    except IntegrityError:
        raise Conflict("Somebody with this e-mail address is here already.") from None


def set_password(user_id: int, password: str) -> None:
    """Hash and write a password; every session of the person ends, for its hash no longer fits."""
    user = User.objects.get(id=user_id)
    user.set_password(password)
    user.save(update_fields=["password"])


def has_password(user_id: int) -> bool:
    """Tell whether a person can sign in with a password."""
    user = find(user_id)
    return user is not None and user.has_usable_password()


def password_fits(user_id: int, password: str) -> bool:
    """Tell whether this is the person's password."""
    user = find(user_id)
    return user is not None and user.check_password(password)


def begin_duty(user_id: int, now: float) -> None:
    """Let the grace without an authenticator begin, when it has not."""
    User.objects.filter(id=user_id, privileged_at=None, role__in=_ADMINS).update(privileged_at=now)


def _with_factor() -> "QuerySet[User]":
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    factor = Authenticator.objects.filter(user_id=OuterRef("id"), type__in=kinds)
    return User.objects.annotate(has_factor=Exists(factor))


def _member(user: User) -> Member:
    return Member(
        ref=ref(user),
        active=user.is_active,
        created_at=user.created_at,
        last_seen_at=user.last_seen_at,
        has_factor=bool(getattr(user, "has_factor", False)),
        privileged_at=user.privileged_at,
    )
