"""Schema of alerts: rules, alerts, their groups, silences, what each channel was told, and why."""

from django.db import models


class RuleRow(models.Model):
    """A rule; `project` None = all, `channels`, `people` empty and no `assignee` = every default channel.

    `matchers` are as they are written; `source` is the file a rule comes from, empty for one written by hand.
    """

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    project = models.IntegerField(null=True)
    matchers = models.TextField(default="")
    params = models.JSONField()
    severity = models.CharField(max_length=10, null=True)
    channels = models.JSONField()
    people = models.JSONField(default=list)
    assignee = models.BooleanField(default=False)
    enabled = models.BooleanField(default=True)
    repeat_minutes = models.IntegerField()
    send_resolved = models.BooleanField(default=False)
    created_at = models.FloatField()
    source = models.CharField(max_length=200, default="")
    policy = models.BigIntegerField(null=True)  # the escalation policy of `oncall`

    class Meta:
        db_table = "alerts_rule"


class PendingRow(models.Model):
    """Since when a rule that waits sees its condition met for one set of labels."""

    rule = models.ForeignKey(RuleRow, on_delete=models.CASCADE)
    fingerprint = models.CharField(max_length=16)
    since = models.FloatField()

    class Meta:
        db_table = "alerts_pending"
        constraints = [models.UniqueConstraint(fields=["rule", "fingerprint"], name="alerts_pending_once")]


class AlertRow(models.Model):
    """What fired: one per label set; `change` grows with each thing there is to tell.

    `rules` are the ids of the rules that spoke of it (none for one that was pushed), `rule` is the first of them;
    `why` says in words what they saw. `flips` are the instants at which it last began or ended,
    `groups` the keys of the groups it was put into last. `seq` is the number of its last change, of all there were:
    unlike `updated_at` it grows in the order in which changes are committed.
    """

    rule = models.ForeignKey(RuleRow, null=True, on_delete=models.SET_NULL)
    rule_name = models.CharField(max_length=80)
    rules = models.JSONField(default=list)
    why = models.TextField(default="")
    fingerprint = models.CharField(max_length=16, unique=True)
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
    flips = models.JSONField(default=list)
    groups = models.JSONField(default=list)
    acked_at = models.FloatField(null=True)
    acked_by = models.CharField(max_length=200, default="")
    seq = models.BigIntegerField(default=0)

    class Meta:
        db_table = "alerts_alert"
        indexes = [
            models.Index(fields=["seq", "id"], name="alerts_alert_seq"),
            models.Index(fields=["updated_at", "id"], name="alerts_alert_updated"),
            models.Index(fields=["state", "ends"], name="alerts_alert_state"),
            models.Index(fields=["state", "severity", "updated_at", "id"], name="alerts_alert_worst"),
        ]


class ToldRow(models.Model):
    """What one channel was told about one alert before there were groups; read once, when the groups are made."""

    alert = models.ForeignKey(AlertRow, on_delete=models.CASCADE)
    channel = models.BigIntegerField()
    firing = models.JSONField()
    resolved = models.JSONField()
    at = models.FloatField()
    times = models.IntegerField()

    class Meta:
        db_table = "alerts_told"
        constraints = [models.UniqueConstraint(fields=["alert", "channel"], name="alerts_told_once")]


class GroupRow(models.Model):
    """Alerts of one route that are told together; `destination` is the route with all it inherited, as JSON.

    `first`, `last` and `due` are the instants of its first, last and next look; `looks` counts them.
    """

    key = models.TextField(unique=True)
    route = models.TextField()
    labels = models.JSONField()
    destination = models.JSONField()
    first = models.FloatField(null=True)
    last = models.FloatField(null=True)
    due = models.FloatField(null=True)
    looks = models.IntegerField(default=0)
    people = models.BooleanField(default=False)

    class Meta:
        db_table = "alerts_group"
        indexes = [
            models.Index(fields=["due"], condition=models.Q(due__isnull=False), name="alerts_group_due")
        ]


class MemberRow(models.Model):
    """An alert stands in a group; `muted` says what kept it quiet when the group last looked (empty: nothing)."""

    group = models.ForeignKey(GroupRow, on_delete=models.CASCADE)
    alert = models.ForeignKey(AlertRow, on_delete=models.CASCADE)
    muted = models.CharField(max_length=20, default="")

    class Meta:
        db_table = "alerts_member"
        constraints = [models.UniqueConstraint(fields=["group", "alert"], name="alerts_member_once")]


class NotifiedRow(models.Model):
    """What one channel was told last about one group."""

    group = models.ForeignKey(GroupRow, on_delete=models.CASCADE)
    channel = models.BigIntegerField()
    firing = models.JSONField()
    resolved = models.JSONField()
    at = models.FloatField()

    class Meta:
        db_table = "alerts_notified"
        constraints = [models.UniqueConstraint(fields=["group", "channel"], name="alerts_notified_once")]


class SourceRow(models.Model):
    """A firing alert that mutes others: the inhibition's key and the values of the labels that must agree."""

    alert = models.ForeignKey(AlertRow, on_delete=models.CASCADE)
    rule = models.TextField()
    equal = models.TextField()
    two_sided = models.BooleanField()

    class Meta:
        db_table = "alerts_source"
        indexes = [models.Index(fields=["rule", "equal"], name="alerts_source_rule")]


class SilenceRow(models.Model):
    """A silence; `body` is `silencing.Silence` as JSON."""

    id = models.CharField(max_length=36, primary_key=True)
    starts = models.FloatField()
    ends = models.FloatField()
    body = models.JSONField()

    class Meta:
        db_table = "alerts_silence"
        indexes = [models.Index(fields=["ends"], name="alerts_silence_ends")]


class RoutingRow(models.Model):
    """The routes, receivers and inhibitions in force: one row; `body` is `types.Routing` as JSON."""

    id = models.IntegerField(primary_key=True)
    version = models.IntegerField()
    body = models.JSONField()

    class Meta:
        db_table = "alerts_routing"


class HookRow(models.Model):
    """A hook by which whoever sends JSON tells of alerts; `mapping` is `wire.hooks.mapping.AlertMapping` as JSON.

    `secret` is the digest of the hook's own secret, empty while it has none; `source` is the file it is written in.
    """

    name = models.CharField(max_length=60, unique=True)
    mapping = models.JSONField()
    enabled = models.BooleanField(default=True)
    secret = models.CharField(max_length=64, default="")
    created_at = models.FloatField()
    source = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "alerts_hook"


class TraceRow(models.Model):
    """Why somebody was told, or was not."""

    alert = models.ForeignKey(AlertRow, null=True, on_delete=models.CASCADE)
    group = models.TextField(default="")
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
        indexes = [
            models.Index(fields=["at"], name="alerts_trace_at"),
            models.Index(fields=["group", "at"], name="alerts_trace_group"),
            models.Index(fields=["at"], name="alerts_trace_sent", condition=models.Q(sent=True)),
        ]


class MarkRow(models.Model):
    """A number the room remembers: how far it read the signals, whether it made its first rules."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.BigIntegerField()

    class Meta:
        db_table = "alerts_mark"


class DetectorRow(models.Model):
    """What a detector has learnt of one series (its name and labels, as one key); `body` is its state, at most 2 KB."""

    rule = models.BigIntegerField()
    key = models.CharField(max_length=300)
    body = models.BinaryField()
    updated_at = models.FloatField()

    class Meta:
        db_table = "alerts_detector"
        constraints = [models.UniqueConstraint(fields=["rule", "key"], name="alerts_detector_one")]


class TemplateRow(models.Model):
    """A pattern of messages or log lines of a project (0: of none), and how often it was seen when."""

    project = models.IntegerField()
    source = models.CharField(max_length=120)
    pattern = models.TextField()
    first_seen = models.FloatField()
    last_seen = models.FloatField()
    count = models.BigIntegerField(default=0)
    example = models.TextField(default="")
    body = models.BinaryField(default=b"")

    class Meta:
        db_table = "alerts_template"
        indexes = [
            models.Index(fields=["project", "source"], name="alerts_template_source"),
            models.Index(fields=["-first_seen"], name="alerts_template_first"),
        ]
