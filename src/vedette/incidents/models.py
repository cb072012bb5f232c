"""Schema of incidents: the incident, its timeline, alerts, people, tasks, runbooks and post-mortem. Bodies are types as JSON."""

from django.db import models


class IncidentRow(models.Model):
    """An incident; the key is its number."""

    title = models.CharField(max_length=200)
    state = models.CharField(max_length=14)
    severity = models.IntegerField()
    impact = models.CharField(max_length=10)
    urgency = models.CharField(max_length=10)
    declared = models.CharField(max_length=12)
    declared_by = models.CharField(max_length=200)
    summary = models.TextField(default="")
    project = models.IntegerField(null=True)
    rule = models.BigIntegerField(null=True)
    rule_key = models.CharField(max_length=64, default="")  # the labels that keep a rule's incidents apart
    started_at = models.FloatField()
    detected_at = models.FloatField()
    acked_at = models.FloatField(null=True)
    mitigated_at = models.FloatField(null=True)
    resolved_at = models.FloatField(null=True)
    resolved_by_hand = models.BooleanField(default=False)
    quiet_minutes = models.IntegerField()
    quiet_since = models.FloatField(null=True)
    merged_into = models.BigIntegerField(null=True)
    status_page = models.CharField(max_length=80, default="")
    status_notice = models.BigIntegerField(null=True)
    draft = models.TextField(default="")
    updated_at = models.FloatField()

    class Meta:
        db_table = "incidents_incident"
        indexes = [
            models.Index(fields=["resolved_at", "severity", "-id"], name="incidents_worst"),
            models.Index(fields=["-started_at"], name="incidents_started"),
            models.Index(fields=["rule", "rule_key"], name="incidents_rule_key"),
        ]


class EntryRow(models.Model):
    """A line of a timeline; `source` makes that it stands there once."""

    incident = models.ForeignKey(IncidentRow, on_delete=models.CASCADE)
    at = models.FloatField()
    kind = models.CharField(max_length=10)
    text = models.TextField()
    detail = models.TextField(default="")
    link = models.CharField(max_length=500, default="")
    by = models.CharField(max_length=200, default="")
    tone = models.CharField(max_length=6, default="")
    source = models.CharField(max_length=120)
    subject = models.CharField(max_length=200, default="")
    annotation = models.TextField(default="")
    pinned = models.BooleanField(default=False)
    hidden = models.BooleanField(default=False)

    class Meta:
        db_table = "incidents_entry"
        indexes = [models.Index(fields=["incident", "-at", "-id"], name="incidents_entry_at")]
        constraints = [models.UniqueConstraint(fields=["incident", "source"], name="incidents_entry_once")]


class AttachedRow(models.Model):
    """An alert that belongs to an incident."""

    incident = models.ForeignKey(IncidentRow, on_delete=models.CASCADE)
    fingerprint = models.CharField(max_length=16)
    title = models.TextField()
    link = models.CharField(max_length=500)
    severity = models.CharField(max_length=10)
    subject = models.CharField(max_length=200, default="")
    labels = models.JSONField(default=dict)
    starts = models.FloatField()
    ends = models.FloatField(null=True)

    class Meta:
        db_table = "incidents_alert"
        indexes = [models.Index(fields=["fingerprint"], name="incidents_alert_print")]
        constraints = [
            models.UniqueConstraint(fields=["incident", "fingerprint"], name="incidents_alert_once")
        ]


class QuietRow(models.Model):
    """An alert that would make an incident and was kept quiet when it was looked at; its quiet may end before it does."""

    fingerprint = models.CharField(max_length=16, primary_key=True)
    looked_at = models.FloatField()

    class Meta:
        db_table = "incidents_quiet"
        indexes = [models.Index(fields=["looked_at"], name="incidents_quiet_looked")]


class ResponderRow(models.Model):
    """Somebody who takes part."""

    incident = models.ForeignKey(IncidentRow, on_delete=models.CASCADE)
    user = models.IntegerField()
    role = models.CharField(max_length=14)
    joined_at = models.FloatField()
    acked_at = models.FloatField(null=True)
    left_at = models.FloatField(null=True)

    class Meta:
        db_table = "incidents_responder"
        constraints = [models.UniqueConstraint(fields=["incident", "user"], name="incidents_responder_once")]


class TaskRow(models.Model):
    """Something to do, during an incident or after it."""

    incident = models.ForeignKey(IncidentRow, on_delete=models.CASCADE)
    kind = models.CharField(max_length=8)
    text = models.TextField()
    assignee = models.IntegerField(null=True)
    due_at = models.FloatField(null=True)
    done_at = models.FloatField(null=True)
    done_by = models.CharField(max_length=200, default="")
    created_at = models.FloatField()
    reminded_at = models.FloatField(null=True)

    class Meta:
        db_table = "incidents_task"
        indexes = [models.Index(fields=["done_at", "due_at"], name="incidents_task_due")]


class LinkRow(models.Model):
    """Two incidents belong together."""

    incident = models.ForeignKey(IncidentRow, on_delete=models.CASCADE)
    other = models.BigIntegerField()
    kind = models.CharField(max_length=10)

    class Meta:
        db_table = "incidents_link"
        constraints = [
            models.UniqueConstraint(fields=["incident", "other", "kind"], name="incidents_link_once")
        ]


class RuleRow(models.Model):
    """A rule that declares incidents; `body` is `types.IncidentRuleDraft`."""

    name = models.CharField(max_length=80, unique=True)
    body = models.JSONField()
    created_at = models.FloatField()
    source = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "incidents_rule"


class RunbookRow(models.Model):
    """A runbook: Markdown. `body` holds what else `types.Runbook` says, `secrets` those of its webhooks, sealed."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    text = models.TextField()
    body = models.JSONField(default=dict)
    secrets = models.TextField(default="")
    updated_at = models.FloatField()
    source = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "incidents_runbook"


class StepRunRow(models.Model):
    """A step of a runbook in one incident; `step` is `types.RunbookStep` as it was when the runbook was attached.

    So is `secrets`: the sealed one that signs what its webhook is sent.
    """

    incident = models.ForeignKey(IncidentRow, on_delete=models.CASCADE)
    runbook = models.CharField(max_length=60)
    number = models.IntegerField()
    step = models.JSONField()
    secrets = models.TextField(default="")
    state = models.CharField(max_length=8, default="todo")
    at = models.FloatField(null=True)
    by = models.CharField(max_length=200, default="")
    result = models.TextField(default="")

    class Meta:
        db_table = "incidents_step"
        constraints = [
            models.UniqueConstraint(fields=["incident", "runbook", "number"], name="incidents_step_once")
        ]


class PostMortemRow(models.Model):
    """What was learnt of an incident."""

    incident = models.OneToOneField(IncidentRow, primary_key=True, on_delete=models.CASCADE)
    state = models.CharField(max_length=10)
    text = models.TextField()
    author = models.CharField(max_length=200, default="")
    reviewer = models.CharField(max_length=200, default="")
    facts = models.JSONField(default=dict)
    updated_at = models.FloatField()
    published_at = models.FloatField(null=True)

    class Meta:
        db_table = "incidents_postmortem"


class MarkRow(models.Model):
    """A number the room remembers: how far it read the signals and the alerts."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.FloatField()

    class Meta:
        db_table = "incidents_mark"
