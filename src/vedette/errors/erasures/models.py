"""Schema of erasures and their receipts in core.db; apart from `privacy`, whose store would make a circle of it."""

from django.db import models


class ErasureRow(models.Model):
    """The erasing of one end user's data, done in pieces.

    `state` is sealed, for it holds whose data it is; it is emptied when the erasure is over. `counts` is JSON.
    """

    id = models.CharField(max_length=32, primary_key=True)
    kind = models.CharField(max_length=8)
    project = models.IntegerField(null=True)
    user = models.IntegerField(null=True)
    who = models.CharField(max_length=120)
    at = models.FloatField()
    dry_run = models.BooleanField()
    stage = models.CharField(max_length=12)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    upto = models.BigIntegerField(default=0)
    counts = models.TextField(default="{}")
    state = models.TextField(default="")
    ended_at = models.FloatField(null=True)
    problem = models.CharField(max_length=300, default="")

    class Meta:
        db_table = "errors_erasure"
        indexes = [
            models.Index(
                fields=["at"], condition=models.Q(ended_at__isnull=True), name="errors_erasure_open"
            ),
            models.Index(fields=["ended_at"], name="errors_erasure_ended"),
        ]


class ReceiptRow(models.Model):
    """What proves an erasure. Triggers refuse to change or delete it. `body` is JSON, `seal` its keyed hash."""

    id = models.CharField(max_length=32, primary_key=True)
    at = models.FloatField()
    body = models.TextField()
    seal = models.CharField(max_length=64)

    class Meta:
        db_table = "errors_receipt"
        indexes = [models.Index(fields=["-at", "-id"], name="errors_receipt_at")]
