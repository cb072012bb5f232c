"""Schema of monitors in core.db. Raw results and pings are telemetry's, but those of the hour that goes on.

Instants are seconds (UTC); what is in a blob is MessagePack, but a monitor's config, which is JSON. Tables of counts are
WITHOUT ROWID: one tree in the order of their key.
"""

from django.db import models


class MonitorRow(models.Model):
    """A monitor. `key` is the address of its heartbeats; `secrets` is sealed; `project` is 0 for none.

    `tags` and `locations` repeat those of its config, between spaces.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=32, unique=True)
    project = models.IntegerField()
    slug = models.CharField(max_length=50)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    config = models.BinaryField()
    secrets = models.TextField()
    paused = models.BooleanField()
    canary = models.BooleanField()
    tags = models.TextField(default="")
    locations = models.TextField(default="")
    source = models.CharField(max_length=500)
    created_at = models.FloatField()
    updated_at = models.FloatField()

    class Meta:
        db_table = "monitors_monitor"
        constraints = [models.UniqueConstraint(fields=["project", "slug"], name="monitors_monitor_one")]
        indexes = [  # all that a list counts and orders by, so that it reads none of the configs
            models.Index(
                fields=["project", "kind", "tags", "paused", "id", "name", "slug"],
                name="monitors_monitor_list",
            )
        ]


class LocationRow(models.Model):
    """A location. `token` is a digest; `taken` (JSON) is up to where its findings are recorded, by the run that numbered them.

    `skew` is how many seconds its clock is behind, `lost` how many findings it had no room for; `told` says that people know
    of its silence.
    """

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=80)
    token = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    created_at = models.FloatField()
    heard_at = models.FloatField(null=True)
    version = models.CharField(max_length=40)
    skew = models.FloatField()
    lost = models.BigIntegerField()
    told = models.BooleanField()
    taken = models.TextField()

    class Meta:
        db_table = "monitors_location"


class StandingRow(models.Model):
    """What is known of a monitor (`body`); the columns repeat what is asked for: its state, its last check, its deadline.

    `unsettled` says that what people were told last may no longer be so.
    """

    monitor = models.BigIntegerField(primary_key=True)
    state = models.CharField(max_length=10)
    heard = models.FloatField(null=True)
    good = models.BooleanField()
    cause = models.CharField(max_length=60)
    due = models.FloatField(null=True)
    unsettled = models.BooleanField()
    body = models.BinaryField()

    class Meta:
        db_table = "monitors_standing"
        indexes = [
            models.Index(fields=["due"], name="monitors_standing_due"),
            models.Index(fields=["monitor", "state"], name="monitors_standing_state"),  # without the bodies
            models.Index(fields=["heard"], name="monitors_standing_heard"),
            models.Index(
                fields=["monitor"], name="monitors_standing_open", condition=models.Q(unsettled=True)
            ),
        ]


class ChangeRow(models.Model):
    """That a monitor came into a state, and why."""

    id = models.BigAutoField(primary_key=True)
    monitor = models.BigIntegerField()
    at = models.FloatField()
    state = models.CharField(max_length=10)
    cause = models.CharField(max_length=60)
    reason = models.TextField()

    class Meta:
        db_table = "monitors_change"
        indexes = [models.Index(fields=["monitor", "at"], name="monitors_change_of")]


class ResultRow(models.Model):
    """A result of an hour that is not packed yet."""

    id = models.BigAutoField(primary_key=True)
    monitor = models.BigIntegerField()
    at = models.FloatField()
    body = models.BinaryField()

    class Meta:
        db_table = "monitors_result"
        indexes = [
            models.Index(fields=["monitor", "at"], name="monitors_result_of"),
            models.Index(fields=["at"], name="monitors_result_at"),
        ]


class _Packed(models.Model):
    """What a monitor's checks found in a span that begins at `at` (seconds)."""

    pk = models.CompositePrimaryKey("monitor", "at")
    monitor = models.BigIntegerField()
    at = models.BigIntegerField()
    body = models.BinaryField()

    class Meta:
        abstract = True


class MinutesRow(_Packed):
    """The minutes of an hour, for 48 hours."""

    class Meta:
        db_table = "monitors_minutes"
        indexes = [models.Index(fields=["at"], name="monitors_minutes_at")]


class HourRow(_Packed):
    """An hour, for 400 days."""

    class Meta:
        db_table = "monitors_hour"
        indexes = [models.Index(fields=["at"], name="monitors_hour_at")]


class DayRow(_Packed):
    """A UTC day, for ever."""

    class Meta:
        db_table = "monitors_day"


class MarkRow(models.Model):
    """How far something is done: the journal (`seq`), the packing of hours, when Vedette last listened (`at`)."""

    name = models.CharField(max_length=20, primary_key=True)
    seq = models.BigIntegerField()
    at = models.FloatField()
    text = models.TextField()

    class Meta:
        db_table = "monitors_mark"
