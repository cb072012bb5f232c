"""Schema of on-call: schedules, covers, calendars, policies, escalations and pages. Bodies are the types as JSON."""

from django.db import models


class ScheduleRow(models.Model):
    """A schedule; `body` is `types.ScheduleDraft`."""

    name = models.CharField(max_length=80, unique=True)
    body = models.JSONField()
    created_at = models.FloatField()
    updated_at = models.FloatField()
    source = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "oncall_schedule"


class CoverRow(models.Model):
    """A time in which somebody stands for others."""

    schedule = models.ForeignKey(ScheduleRow, on_delete=models.CASCADE)
    user = models.IntegerField()
    instead = models.IntegerField(null=True)
    kind = models.CharField(max_length=10)
    starts = models.FloatField()
    ends = models.FloatField()
    reason = models.CharField(max_length=200, default="")
    made_by = models.CharField(max_length=200)
    maker = models.IntegerField(null=True)
    made_at = models.FloatField()

    class Meta:
        db_table = "oncall_cover"
        indexes = [models.Index(fields=["schedule", "ends"], name="oncall_cover_ends")]


class CalendarRow(models.Model):
    """A calendar of others (iCalendar): sealed address or pasted text, what was read last, and what is wrong with it.

    `times` are the occurrences of the text (JSON) around `laid_at`.
    """

    name = models.CharField(max_length=80)
    url = models.TextField(default="")
    text = models.TextField(default="")
    times = models.TextField(default="")
    laid_at = models.FloatField(null=True)
    read_at = models.FloatField(null=True)
    checked_at = models.FloatField(null=True)
    problem = models.TextField(default="")

    class Meta:
        db_table = "oncall_calendar"


class FeedRow(models.Model):
    """An address by which a calendar program reads shifts; `key` is the digest of its secret. `schedule` None: a person's own."""

    key = models.CharField(max_length=64, unique=True)
    schedule = models.ForeignKey(ScheduleRow, null=True, on_delete=models.CASCADE)
    user = models.IntegerField()
    made_at = models.FloatField()
    used_at = models.FloatField(null=True)

    class Meta:
        db_table = "oncall_feed"


class PolicyRow(models.Model):
    """An escalation policy; `body` is `types.PolicyDraft`, `secrets` those of its webhooks, sealed."""

    name = models.CharField(max_length=80, unique=True)
    body = models.JSONField()
    secrets = models.TextField(default="")
    created_at = models.FloatField()
    updated_at = models.FloatField()
    source = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "oncall_policy"


class EscalationRow(models.Model):
    """A policy at work; `policy`, `secrets` of its webhooks (sealed) and `notice` are as they were when it began."""

    thread = models.TextField()
    policy_id = models.BigIntegerField()
    policy = models.JSONField()
    secrets = models.TextField(default="")
    notice = models.JSONField()
    project = models.IntegerField(null=True)
    state = models.CharField(max_length=14)
    step = models.IntegerField()
    round = models.IntegerField(default=0)
    due = models.FloatField(null=True)
    started_at = models.FloatField()
    acked_by = models.CharField(max_length=200, default="")
    acked_at = models.FloatField(null=True)
    ended_at = models.FloatField(null=True)
    why = models.TextField(default="")

    class Meta:
        db_table = "oncall_escalation"
        indexes = [
            models.Index(fields=["due"], condition=models.Q(due__isnull=False), name="oncall_escalation_due"),
            models.Index(fields=["thread", "policy_id"], name="oncall_escalation_thread"),
            models.Index(fields=["-started_at"], name="oncall_escalation_last"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["thread", "policy_id"],
                condition=models.Q(ended_at__isnull=True),
                name="oncall_escalation_one",
            )
        ]


class LineRow(models.Model):
    """A line of what an escalation did and why; `key` makes that each is written once."""

    escalation = models.ForeignKey(EscalationRow, on_delete=models.CASCADE)
    key = models.CharField(max_length=80)
    at = models.FloatField()
    text = models.TextField()

    class Meta:
        db_table = "oncall_line"
        constraints = [models.UniqueConstraint(fields=["escalation", "key"], name="oncall_line_once")]


class PageRow(models.Model):
    """Somebody was paged by a step."""

    escalation = models.ForeignKey(EscalationRow, on_delete=models.CASCADE)
    user = models.IntegerField()
    at = models.FloatField()
    kind = models.CharField(max_length=10, default="open")
    answered_at = models.FloatField(null=True)

    class Meta:
        db_table = "oncall_page"
        indexes = [
            models.Index(fields=["at"], name="oncall_page_at"),
            models.Index(fields=["user", "at"], name="oncall_page_user"),
        ]


class TurnRow(models.Model):
    """Whose turn a round-robin step is; `place` counts up."""

    policy = models.BigIntegerField()
    step = models.IntegerField()
    place = models.IntegerField(default=0)

    class Meta:
        db_table = "oncall_turn"
        constraints = [models.UniqueConstraint(fields=["policy", "step"], name="oncall_turn_one")]
