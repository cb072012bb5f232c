"""Schema of signals: the stream and the story."""

from django.db import models


class SignalRow(models.Model):
    """A published signal; `seq` is never used twice (AUTOINCREMENT), so a cursor stays good after a clean-up."""

    seq = models.BigAutoField(primary_key=True)
    published_at = models.FloatField()
    body = models.BinaryField()

    class Meta:
        db_table = "signals_signal"
        indexes = [models.Index(fields=["published_at"], name="signals_signal_at")]


class MomentRow(models.Model):
    """One line of a room's story."""

    at = models.FloatField()
    room = models.CharField(max_length=40)
    kind = models.CharField(max_length=80)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    link = models.CharField(max_length=500)
    project = models.IntegerField(null=True)

    class Meta:
        db_table = "signals_moment"
        indexes = [
            models.Index(fields=["at"], name="signals_moment_at"),
            models.Index(fields=["project", "at"], name="signals_moment_project_at"),
            models.Index(fields=["room", "kind", "at"], name="signals_moment_kind_at"),
        ]
