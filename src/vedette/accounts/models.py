"""Schema of accounts."""

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser
from django.db import models

from vedette.accounts.permissions import Role

_ROLES = [(role.value, role.value) for role in Role]


class UserManager(BaseUserManager["User"]):
    """Makes users; the verbs live in `accounts.service`."""


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address.

    `privileged_at` is the first sign-in as owner or administrator, from which the grace without an authenticator
    runs. `pending_totp` holds the sealed seed of an authenticator that is being set up.
    """

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=10, choices=_ROLES, default=Role.VIEWER.value)
    is_active = models.BooleanField(default=True)
    created_at = models.FloatField(default=0.0)
    last_seen_at = models.FloatField(null=True)
    privileged_at = models.FloatField(null=True)
    pending_totp = models.TextField(default="")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.email


class SessionRow(models.Model):
    """A signed-in browser. The session's data holds the id; a session whose row is gone has ended."""

    id = models.CharField(primary_key=True, max_length=32)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.FloatField()
    last_seen_at = models.FloatField()
    address = models.CharField(max_length=45)
    user_agent = models.CharField(max_length=200)

    class Meta:
        db_table = "accounts_session"


class IdentityRow(models.Model):
    """Whom an OpenID provider (`issuer`) knows as `subject`: that person signs in by it, whatever the e-mail becomes."""

    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    linked_at = models.FloatField()

    class Meta:
        db_table = "accounts_identity"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="accounts_identity_once")]


class InvitationRow(models.Model):
    """An invitation; `digest` is the SHA-256 of its secret."""

    digest = models.CharField(max_length=64, unique=True)
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=_ROLES)
    created_at = models.FloatField()
    expires_at = models.FloatField()
    invited_by = models.CharField(max_length=120)
    accepted_at = models.FloatField(null=True)
    revoked_at = models.FloatField(null=True)

    class Meta:
        db_table = "accounts_invitation"


class TokenRow(models.Model):
    """An API token; `digest` is the SHA-256 of its secret, `hint` its first characters. No user: Vedette's own."""

    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=16)
    name = models.CharField(max_length=80)
    scopes = models.JSONField()
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.FloatField()
    expires_at = models.FloatField(null=True)
    last_used_at = models.FloatField(null=True)
    last_address = models.CharField(max_length=45, default="")
    revoked_at = models.FloatField(null=True)

    class Meta:
        db_table = "accounts_token"


class AuditRow(models.Model):
    """Who did what, when and from where. Triggers of the migration refuse every UPDATE and DELETE."""

    at = models.FloatField()
    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField()
    actor = models.CharField(max_length=120)
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=255)
    detail = models.JSONField()
    address = models.CharField(max_length=45)

    class Meta:
        db_table = "accounts_audit"
        indexes = [
            models.Index(fields=["action", "id"], name="accounts_audit_action"),
            models.Index(fields=["actor", "id"], name="accounts_audit_actor"),
        ]


class TriesRow(models.Model):
    """Failed tries under a key (a digest: e-mails and addresses do not stand here), or a code or address seen before."""

    key = models.CharField(primary_key=True, max_length=80)
    failures = models.IntegerField()
    last_at = models.FloatField(db_index=True)

    class Meta:
        db_table = "accounts_tries"
