"""Schema of reports: digests that were made, and who gets them."""

from django.db import models


class DigestRow(models.Model):
    """A digest; `body` is `types.Digest` as JSON. `project` 0 stands for all of them."""

    period = models.CharField(max_length=8)
    project = models.IntegerField(default=0)
    zone = models.CharField(max_length=60)
    start = models.FloatField()
    end = models.FloatField()
    body = models.BinaryField()
    made_at = models.FloatField()

    class Meta:
        db_table = "reports_digest"
        indexes = [models.Index(fields=["-start", "period"], name="reports_digest_last")]
        constraints = [
            models.UniqueConstraint(fields=["period", "project", "zone", "start"], name="reports_digest_one")
        ]


class SubscriptionRow(models.Model):
    """Which digests a person gets; `body` is `types.Subscription` as JSON, `next_at` when the next is due."""

    user = models.IntegerField()
    period = models.CharField(max_length=8)
    body = models.JSONField()
    next_at = models.FloatField(null=True)

    class Meta:
        db_table = "reports_subscription"
        indexes = [models.Index(fields=["next_at"], name="reports_subscription_next")]
        constraints = [models.UniqueConstraint(fields=["user", "period"], name="reports_subscription_one")]
