"""Schema of backups: plans, sealed secrets of their copies, acts that were asked for, and runs of every kind."""

from django.db import models


class PlanRow(models.Model):
    """A plan of a host; `body` is `wire.Plan` as JSON, `source` the file it came from."""

    host = models.IntegerField()
    name = models.CharField(max_length=60)
    project = models.IntegerField(default=0)
    body = models.JSONField()
    by = models.CharField(max_length=150)
    source = models.CharField(max_length=200, default="")
    changed_at = models.FloatField()
    revision = models.IntegerField(default=1)
    told = models.CharField(max_length=16, default="")  # the health people were told last

    class Meta:
        db_table = "backups_plan"
        constraints = [models.UniqueConstraint(fields=["host", "name"], name="backups_plan_one")]


class SecretRow(models.Model):
    """A sealed secret of a plan's copy: its password or another it needs. `previous` opens what was not rekeyed yet."""

    plan = models.BigIntegerField()
    copy = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    sealed = models.TextField()
    previous = models.TextField(default="")
    made_at = models.FloatField()
    printed_at = models.FloatField(null=True)

    class Meta:
        db_table = "backups_secret"
        constraints = [models.UniqueConstraint(fields=["plan", "copy", "name"], name="backups_secret_one")]


class LeftRow(models.Model):
    """A copy that no plan keeps any more; `body` is its plan as it was, with this copy alone, as JSON. Its secrets stay."""

    plan = models.BigIntegerField()
    copy = models.CharField(max_length=60)
    host = models.IntegerField()
    host_name = models.CharField(max_length=255)
    body = models.JSONField()
    by = models.CharField(max_length=150)
    left_at = models.FloatField()

    class Meta:
        db_table = "backups_left"
        constraints = [models.UniqueConstraint(fields=["plan", "copy"], name="backups_left_one")]


class OrderRow(models.Model):
    """An act that was asked for; `body` is `wire.BackupOrder` as JSON."""

    id = models.CharField(max_length=32, primary_key=True)
    host = models.IntegerField()
    plan = models.BigIntegerField()
    asked_at = models.FloatField()
    until = models.FloatField()
    done_at = models.FloatField(null=True)
    why = models.CharField(max_length=500, default="")
    body = models.JSONField()

    class Meta:
        db_table = "backups_order"
        indexes = [models.Index(fields=["host", "done_at"], name="backups_order_open")]


class RunRow(models.Model):
    """A run, drill or restore; `body` is the report in MessagePack as it was signed, `kind` its tag."""

    id = models.CharField(max_length=32, primary_key=True)
    plan = models.BigIntegerField()
    host = models.IntegerField()
    copy = models.CharField(max_length=60)
    kind = models.CharField(max_length=16)
    stage = models.CharField(max_length=10)
    failure = models.CharField(max_length=20, default="")
    began_at = models.FloatField()
    ended_at = models.FloatField(null=True)
    snapshot = models.CharField(max_length=120, default="")
    heard_at = models.FloatField()
    body = models.BinaryField()

    class Meta:
        db_table = "backups_run"
        indexes = [
            models.Index(fields=["-began_at"], name="backups_run_last"),
            models.Index(fields=["plan", "kind", "-began_at"], name="backups_run_plan"),
            models.Index(fields=["plan", "kind", "stage", "-began_at"], name="backups_run_good"),
            models.Index(fields=["stage", "-began_at"], name="backups_run_stage"),
        ]


class ListingRow(models.Model):
    """What a copy held when it was last listed; `body` are snapshots in MessagePack."""

    plan = models.BigIntegerField()
    copy = models.CharField(max_length=60)
    at = models.FloatField()
    body = models.BinaryField()

    class Meta:
        db_table = "backups_listing"
        constraints = [models.UniqueConstraint(fields=["plan", "copy"], name="backups_listing_one")]


class OfferRow(models.Model):
    """What an agent proposes to save on its host; `body` is `wire.Proposals` in MessagePack."""

    host = models.IntegerField(unique=True)
    at = models.FloatField()
    body = models.BinaryField()

    class Meta:
        db_table = "backups_offer"
