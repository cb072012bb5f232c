"""Tables of the plumbing in core.db: shared values and outgoing work."""

from django.db import models


class KeyValue(models.Model):
    """A shared value; a removed key stays with `value` null so that watchers see the removal."""

    key = models.CharField(primary_key=True, max_length=255)
    value = models.BinaryField(null=True)
    revision = models.BigIntegerField(unique=True)

    class Meta:
        db_table = "plumbing_kv"


class OutboxRow(models.Model):
    """A piece of outgoing work. `not_before` also hides what is claimed: it is due again when its claimer dies."""

    topic = models.CharField(max_length=64)
    payload = models.BinaryField()
    idempotency_key = models.CharField(max_length=255, unique=True)
    attempt = models.IntegerField(default=0)
    not_before = models.FloatField()
    state = models.CharField(max_length=8, default="open")
    error = models.TextField(default="")

    class Meta:
        db_table = "plumbing_outbox"
        indexes = [models.Index(fields=["state", "not_before"], name="plumbing_outbox_due")]
