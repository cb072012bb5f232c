"""Schema of the book of browsers' reports, WITHOUT ROWID: one tree in the order of its key."""

from django.db import models


class ReportRow(models.Model):
    """What a project's reports of one UTC day (since the epoch) say about one thing; `browsers` as `reported.browsers` counts."""

    pk = models.CompositePrimaryKey("project", "day", "kind", "what", "source")
    project = models.IntegerField()
    day = models.IntegerField()
    kind = models.CharField(max_length=40)
    what = models.CharField(max_length=120)
    source = models.CharField(max_length=200)
    page = models.CharField(max_length=200)
    n = models.IntegerField()
    watched = models.IntegerField()
    weight = models.FloatField()
    browsers = models.BinaryField()
    first_at = models.FloatField()
    last_at = models.FloatField()

    class Meta:
        app_label = "errors"
        db_table = "errors_report"
        indexes = [models.Index(fields=["day"], name="errors_report_day")]


class KnownPolicyRow(models.Model):
    """A policy that reports of a project name, the browsers that did (as `reported.browsers` counts), and when last."""

    pk = models.CompositePrimaryKey("project", "text")
    project = models.IntegerField()
    text = models.TextField()
    browsers = models.BinaryField()
    at = models.FloatField()

    class Meta:
        app_label = "errors"
        db_table = "errors_policy"
