"""Schema of alerts: rules, alerts, what each channel was told, and why."""

from django.db import models


class RuleRow(models.Model):
    """A rule; `project` None = all, `channels`, `people` empty and no `assignee` = every default channel."""

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    project = models.IntegerField(null=True)
    params = models.JSONField()
    severity = models.CharField(max_length=10, null=True)
    channels = models.JSONField()
    people = models.JSONField(default=list)
    assignee = models.BooleanField(default=False)
    enabled = models.BooleanField(default=True)
    repeat_minutes = models.IntegerField()
    send_resolved = models.BooleanField(default=False)
    created_at = models.FloatField()

    class Meta:
        db_table = "alerts_rule"


class AlertRow(models.Model):
    """What fired: one per rule and label set; `change` grows with each thing there is to tell."""

    rule = models.ForeignKey(RuleRow, null=True, on_delete=models.SET_NULL)
    rule_name = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=16)
    labels = models.JSONField()
    annotations = models.JSONField()
    state = models.CharField(max_length=10)
    severity = models.CharField(max_length=10)
    change = models.IntegerField()
    starts = models.FloatField()
    ends = models.FloatField(null=True)
    title = models.TextField()
    text = models.TextField()
    link = models.CharField(max_length=500)
    subject = models.CharField(max_length=200)
    project = models.IntegerField(null=True)
    updated_at = models.FloatField()

    class Meta:
        db_table = "alerts_alert"
        constraints = [models.UniqueConstraint(fields=["rule", "fingerprint"], name="alerts_alert_identity")]
        indexes = [
            models.Index(fields=["updated_at", "id"], name="alerts_alert_updated"),
            models.Index(fields=["state", "ends"], name="alerts_alert_state"),
        ]


class ToldRow(models.Model):
    """What one channel was told last about one alert; `times` counts tellings of the same change."""

    alert = models.ForeignKey(AlertRow, on_delete=models.CASCADE)
    channel = models.BigIntegerField()
    firing = models.JSONField()
    resolved = models.JSONField()
    at = models.FloatField()
    times = models.IntegerField()

    class Meta:
        db_table = "alerts_told"
        constraints = [models.UniqueConstraint(fields=["alert", "channel"], name="alerts_told_once")]


class TraceRow(models.Model):
    """Why somebody was told, or was not."""

    alert = models.ForeignKey(AlertRow, null=True, on_delete=models.CASCADE)
    at = models.FloatField()
    sent = models.BooleanField()
    code = models.CharField(max_length=20)
    reason = models.TextField()
    rule = models.CharField(max_length=80)
    channel = models.CharField(max_length=80)
    title = models.TextField()
    link = models.CharField(max_length=500)
    idempotency_key = models.CharField(max_length=120)

    class Meta:
        db_table = "alerts_trace"
        indexes = [models.Index(fields=["at"], name="alerts_trace_at")]


class MarkRow(models.Model):
    """A number the room remembers: how far it read the signals, whether it made its first rules."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField()

    class Meta:
        db_table = "alerts_mark"
