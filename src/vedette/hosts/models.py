"""Schema of hosts: who they are and may speak, how they are let in, what is known and what happened. Measures are beside.

Origins and audits are WITHOUT ROWID.
"""

from django.db import models


class HostRow(models.Model):
    """A host: its keys (public halves; the fresh one counts from its first use on), and what it last said of itself."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80, unique=True)
    key = models.CharField(max_length=32, unique=True)
    public = models.BinaryField()
    fresh = models.CharField(max_length=32)
    fresh_public = models.BinaryField()
    by = models.CharField(max_length=80)
    enrolled_at = models.FloatField()
    state = models.CharField(max_length=10)
    heard_at = models.FloatField(null=True)
    version = models.CharField(max_length=40)
    skew = models.FloatField()
    lost = models.BigIntegerField()
    told = models.BooleanField()
    rotate = models.BooleanField()
    modes = models.TextField()

    class Meta:
        db_table = "hosts_host"


class OriginRow(models.Model):
    """Up to which number the reports of an origin are recorded."""

    pk = models.CompositePrimaryKey("host", "origin")
    host = models.BigIntegerField()
    origin = models.CharField(max_length=32)
    taken = models.BigIntegerField()
    at = models.FloatField()

    class Meta:
        db_table = "hosts_origin"


class InvitationRow(models.Model):
    """A token of enrolment: its id, its sealed secret (gone once it is of no use), and what became of it."""

    id = models.CharField(max_length=32, primary_key=True)
    secret = models.TextField()
    by = models.CharField(max_length=80)
    created_at = models.FloatField()
    expires_at = models.FloatField()
    used_at = models.FloatField(null=True)
    revoked_at = models.FloatField(null=True)

    class Meta:
        db_table = "hosts_invitation"


class FactsRow(models.Model):
    """What a host is (its inventory as MessagePack, zstd), its last audit, and what is told to be wrong (JSON)."""

    host = models.BigIntegerField(primary_key=True)
    inventory = models.BinaryField()
    booted_at = models.FloatField()
    reboot_required = models.BooleanField()
    pending = models.IntegerField()
    security = models.IntegerField()
    score = models.FloatField(null=True)
    failed = models.IntegerField()
    troubles = models.TextField()

    class Meta:
        db_table = "hosts_facts"


class NotedRow(models.Model):
    """Something that happened on a host, or changed there."""

    id = models.BigAutoField(primary_key=True)
    host = models.BigIntegerField()
    at = models.FloatField()
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=300)
    body = models.BinaryField()

    class Meta:
        db_table = "hosts_noted"
        indexes = [
            models.Index(fields=["host", "at"], name="hosts_noted_host"),
            models.Index(fields=["at"], name="hosts_noted_at"),
        ]


class AuditRow(models.Model):
    """One look at a host's hardening: its score, how much failed, and the findings (MessagePack, zstd)."""

    pk = models.CompositePrimaryKey("host", "at")
    host = models.BigIntegerField()
    at = models.FloatField()
    score = models.FloatField()
    failed = models.IntegerField()
    body = models.BinaryField()

    class Meta:
        db_table = "hosts_audit"


class OfferRow(models.Model):
    """The names of the actions that a host's own configuration lets be ordered (JSON)."""

    host = models.BigIntegerField(primary_key=True)
    names = models.TextField()

    class Meta:
        db_table = "hosts_offer"


class ActionRow(models.Model):
    """An action that was ordered on a host: for what, by whom, until when it may begin, and what came of it."""

    uid = models.CharField(max_length=32, primary_key=True)
    host = models.BigIntegerField()
    name = models.CharField(max_length=60)
    about = models.CharField(max_length=80)
    by = models.CharField(max_length=80)
    asked_at = models.FloatField()
    until = models.FloatField()
    state = models.CharField(max_length=10)
    changed_at = models.FloatField()
    code = models.IntegerField(null=True)
    why = models.TextField()
    output = models.TextField()

    class Meta:
        db_table = "hosts_action"
        indexes = [
            models.Index(fields=["state", "host"], name="hosts_action_state"),
            models.Index(fields=["about", "asked_at"], name="hosts_action_about"),
        ]
