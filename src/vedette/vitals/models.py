"""Schema of web vitals: pages, their sketches by hour and by day (WITHOUT ROWID), and what is told to be worse."""

from django.db import models


class PageRow(models.Model):
    """A page of a project that is told apart; `types.OTHER` for the rest of them."""

    id = models.BigAutoField(primary_key=True)
    project = models.IntegerField()
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "vitals_page"
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="vitals_page_once")]


class HourRow(models.Model):
    """The values of a page's vital in an hour (since the epoch) as a sketch (MessagePack), and how many they are."""

    pk = models.CompositePrimaryKey("page", "vital", "at")
    page = models.BigIntegerField()
    vital = models.CharField(max_length=4)
    at = models.IntegerField()
    n = models.IntegerField()
    sketch = models.BinaryField()

    class Meta:
        db_table = "vitals_hour"
        indexes = [models.Index(fields=["at"], name="vitals_hour_at")]


class DayRow(models.Model):
    """The same in a UTC day (since the epoch)."""

    pk = models.CompositePrimaryKey("page", "vital", "at")
    page = models.BigIntegerField()
    vital = models.CharField(max_length=4)
    at = models.IntegerField()
    n = models.IntegerField()
    sketch = models.BinaryField()

    class Meta:
        db_table = "vitals_day"
        indexes = [models.Index(fields=["at"], name="vitals_day_at")]


class WorseRow(models.Model):
    """A vital of a page that was told to be worse than the week before, since an instant."""

    pk = models.CompositePrimaryKey("page", "vital")
    page = models.BigIntegerField()
    vital = models.CharField(max_length=4)
    since = models.FloatField()

    class Meta:
        db_table = "vitals_worse"


class MarkRow(models.Model):
    """How far the journal was taken."""

    name = models.CharField(max_length=20, primary_key=True)
    seq = models.BigIntegerField()

    class Meta:
        db_table = "vitals_mark"
