"""Schema of the counts by environment and release; minutes and hours are WITHOUT ROWID, like those of issues."""

from django.db import models


class OriginRow(models.Model):
    """An environment and release of a project by which events are counted; `naming.OTHER` for the rest of them."""

    id = models.BigAutoField(primary_key=True)
    project = models.IntegerField()
    environment = models.CharField(max_length=200)
    release = models.CharField(max_length=200)

    class Meta:
        app_label = "errors"
        db_table = "errors_origin"
        constraints = [
            models.UniqueConstraint(fields=["project", "environment", "release"], name="errors_origin_once")
        ]


class OriginMinuteRow(models.Model):
    """Events of an origin (`issue`, as in the counts of issues) received in a minute (since the epoch)."""

    pk = models.CompositePrimaryKey("issue", "minute")
    issue = models.BigIntegerField()
    minute = models.IntegerField()
    n = models.IntegerField()

    class Meta:
        app_label = "errors"
        db_table = "errors_origin_minute"
        indexes = [models.Index(fields=["minute", "issue"], name="errors_origin_minute_when")]


class OriginHourRow(models.Model):
    """Events of an origin received in an hour (since the epoch)."""

    pk = models.CompositePrimaryKey("issue", "hour")
    issue = models.BigIntegerField()
    hour = models.IntegerField()
    n = models.IntegerField()

    class Meta:
        app_label = "errors"
        db_table = "errors_origin_hour"
        indexes = [models.Index(fields=["hour", "issue"], name="errors_origin_hour_when")]
