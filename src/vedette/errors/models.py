"""Schema of errors in core.db. Bodies of events are telemetry's; here stands what lists, charts and searches need.

Instants are seconds (UTC). The names of indices say which list they carry; every list of issues has one for all
projects and one within a project. Counting tables are WITHOUT ROWID (see the migration): one tree each.
"""

from django.db import models

from vedette.errors.erasures.models import ErasureRow, ReceiptRow
from vedette.errors.origins import models as origins
from vedette.errors.reported import models as reported

__all__ = ["ErasureRow", "ReceiptRow", "origins", "reported"]  # Django finds parts of this room here


def _order(*fields: str) -> list[models.Index]:
    """Return the indices of an order of issues: over all projects, and within one."""
    name = fields[0].removeprefix("-")
    down = [field if field.startswith("-") else f"-{field}" for field in fields]
    return [
        models.Index(fields=[*down, "-id"], name=f"errors_issue_{name}"),
        models.Index(fields=["project", *down, "-id"], name=f"errors_issue_p_{name}"),
    ]


class _Counted(models.Model):
    """What is known of events that are one problem, whether an issue of their own or a group of a merged one.

    `rank` is how much trouble it is (see `ranks`), and with `last_seen` the order of lists. `tag_values` counts its
    rows of tags, `words` how often its search document was written.
    """

    project = models.IntegerField()
    number = models.IntegerField()
    state = models.CharField(max_length=10)
    rank = models.SmallIntegerField()
    level = models.CharField(max_length=8)
    title = models.CharField(max_length=320)
    kind = models.CharField(max_length=300)
    message = models.CharField(max_length=500)
    culprit = models.CharField(max_length=200)
    platform = models.CharField(max_length=20)
    logger = models.CharField(max_length=200)
    handled = models.BooleanField(null=True)
    first_seen = models.FloatField()
    last_seen = models.FloatField()
    events = models.IntegerField()
    users = models.IntegerField()
    first_release = models.CharField(max_length=200)
    last_release = models.CharField(max_length=200)
    assignee = models.IntegerField(null=True)
    changed_at = models.FloatField()
    muted_until = models.FloatField(null=True)
    mute_events = models.IntegerField(null=True)
    mute_users = models.IntegerField(null=True)
    mute_usual = models.IntegerField(null=True)
    fixed_after = models.CharField(max_length=200, null=True)
    fixed_in = models.CharField(max_length=200, null=True)
    component = models.CharField(max_length=20)
    parts = models.BinaryField()
    tag_values = models.IntegerField(default=0)
    words = models.IntegerField(default=0)

    class Meta:
        abstract = True


class _Tag(models.Model):
    """How many events carry a tag's value. An empty value stands for all beyond those kept."""

    pk = models.CompositePrimaryKey("issue", "key", "value")
    issue = models.BigIntegerField()
    key = models.CharField(max_length=200)
    value = models.CharField(max_length=200)
    n = models.IntegerField()
    last = models.FloatField()

    class Meta:
        abstract = True


class _User(models.Model):
    """A user, as 63 bits of a hash of a label. An alias names a user again and is not counted."""

    pk = models.CompositePrimaryKey("issue", "user")
    issue = models.BigIntegerField()
    user = models.BigIntegerField()
    alias = models.BooleanField()

    class Meta:
        abstract = True


class _Minute(models.Model):
    """Events received in a minute (since the epoch)."""

    pk = models.CompositePrimaryKey("issue", "minute")
    issue = models.BigIntegerField()
    minute = models.IntegerField()
    n = models.IntegerField()

    class Meta:
        abstract = True


class _Hour(models.Model):
    """Events received in an hour (since the epoch)."""

    pk = models.CompositePrimaryKey("issue", "hour")
    issue = models.BigIntegerField()
    hour = models.IntegerField()
    n = models.IntegerField()

    class Meta:
        abstract = True


class IssueRow(_Counted):
    """An issue."""

    class Meta:
        db_table = "errors_issue"
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="errors_issue_number")]
        indexes = [
            *_order("rank", "last_seen"),
            *_order("last_seen"),
            *_order("first_seen"),
            *_order("events"),
            *_order("users"),
            models.Index(fields=["kind"], name="errors_issue_kind"),
            models.Index(fields=["state", "changed_at"], name="errors_issue_state"),
            models.Index(
                fields=["assignee"], condition=models.Q(assignee__isnull=False), name="errors_issue_who"
            ),
        ]


class HashRow(models.Model):
    """The issue to which events with a grouping hash belong; several hashes may lead to one issue.

    `version` is the version of grouping that made the hash; the index of old ones is empty in a store without any.
    `group` is the group of a merged issue that counts them apart.
    """

    hash = models.BinaryField(primary_key=True)
    issue = models.BigIntegerField()
    version = models.SmallIntegerField(db_default=1)
    group = models.BigIntegerField(null=True, db_column="group_id")

    class Meta:
        db_table = "errors_hash"
        indexes = [
            models.Index(fields=["issue"], name="errors_hash_issue"),
            models.Index(fields=["version"], condition=models.Q(version__lt=2), name="errors_hash_old"),
            models.Index(fields=["group"], condition=models.Q(group__isnull=False), name="errors_hash_group"),
        ]


class FeatureRow(models.Model):
    """What makes an issue similar to others, as 63 bits of a hash; `issue` may be a group of a merged one."""

    pk = models.CompositePrimaryKey("issue", "feature")
    issue = models.BigIntegerField()
    feature = models.BigIntegerField()
    kind = models.SmallIntegerField()
    project = models.IntegerField()

    class Meta:
        db_table = "errors_feature"
        indexes = [models.Index(fields=["project", "feature", "issue"], name="errors_feature_search")]


class TagRow(_Tag):
    """How many events of an issue carry a tag's value. An empty value stands for all beyond those kept."""

    class Meta:
        db_table = "errors_tag"
        indexes = [models.Index(fields=["key", "value", "issue"], name="errors_tag_search")]


class UserRow(_User):
    """A user who met an issue, as 63 bits of a hash of a label. An alias names a user again and is not counted."""

    class Meta:
        db_table = "errors_user"
        indexes = [models.Index(fields=["user", "issue"], name="errors_user_search")]


class MinuteRow(_Minute):
    """Events of an issue received in a minute (since the epoch); a negative issue is a whole project."""

    class Meta:
        db_table = "errors_minute"
        indexes = [models.Index(fields=["minute", "issue"], name="errors_minute_when")]


class HourRow(_Hour):
    """Events of an issue received in an hour (since the epoch); a negative issue is a whole project."""

    class Meta:
        db_table = "errors_hour"
        indexes = [models.Index(fields=["hour", "issue"], name="errors_hour_when")]


class HistoryRow(models.Model):
    """What happened to an issue, or what somebody said. `before` is how it stood, for taking an act back."""

    issue = models.BigIntegerField()
    at = models.FloatField()
    kind = models.CharField(max_length=20)
    user = models.IntegerField(null=True)
    who = models.CharField(max_length=120)
    text = models.TextField()
    act = models.CharField(max_length=32)
    before = models.BinaryField(null=True)

    class Meta:
        db_table = "errors_history"
        indexes = [
            models.Index(fields=["issue", "-id"], name="errors_history_issue"),
            models.Index(fields=["act"], condition=~models.Q(act=""), name="errors_history_act"),
        ]


class AttachmentRow(models.Model):
    """A file that came with an event; its bytes are a file of their own."""

    id = models.BigAutoField(primary_key=True)
    project = models.IntegerField()
    event = models.BinaryField()
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=130)
    kind = models.CharField(max_length=40)
    size = models.BigIntegerField()
    file = models.CharField(max_length=50, unique=True)
    at = models.FloatField()

    class Meta:
        db_table = "errors_attachment"
        indexes = [
            models.Index(fields=["event", "project"], name="errors_attachment_event"),
            models.Index(fields=["at"], name="errors_attachment_at"),
        ]


class FeedbackRow(models.Model):
    """What a user wrote about an event; scrubbed."""

    id = models.BigAutoField(primary_key=True)
    project = models.IntegerField()
    event = models.BinaryField()
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=200)
    comments = models.TextField()
    at = models.FloatField()

    class Meta:
        db_table = "errors_feedback"
        indexes = [
            models.Index(fields=["event", "project"], name="errors_feedback_event"),
            models.Index(fields=["at"], name="errors_feedback_at"),
        ]


class ThinnedRow(models.Model):
    """How many events of an issue (negative: of a project) spike protection kept without their details."""

    issue = models.BigIntegerField(primary_key=True)
    n = models.BigIntegerField()
    last_at = models.FloatField()

    class Meta:
        db_table = "errors_thinned"


class MarkRow(models.Model):
    """How far the journal was digested: everything up to `seq` is counted."""

    name = models.CharField(max_length=20, primary_key=True)
    seq = models.BigIntegerField()

    class Meta:
        db_table = "errors_mark"


class SavedRow(models.Model):
    """A saved search. `owner` is a user, `project` 0 for all projects."""

    owner = models.IntegerField()
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)
    sort = models.CharField(max_length=12)
    project = models.IntegerField()
    shared = models.BooleanField()
    created_at = models.FloatField()

    class Meta:
        db_table = "errors_saved"
        indexes = [models.Index(fields=["owner"], name="errors_saved_owner")]


class OwnersRow(models.Model):
    """A project's ownership rules."""

    project = models.IntegerField(primary_key=True)
    source = models.TextField()
    suggest = models.BooleanField()

    class Meta:
        db_table = "errors_owners"


class StarRow(models.Model):
    """The saved search a user begins with."""

    user = models.IntegerField(primary_key=True)
    search = models.BigIntegerField()

    class Meta:
        db_table = "errors_star"


class GroupRow(_Counted):
    """One group of a merged issue: what was an issue of its own, counted apart so that it can become one again.

    `id` and `number` are those of that issue (the one that remained is a group too, with its own id), `issue` is
    where its events are shown. `act` brought it there, from the issue `came_from`. `state` to `base_users` is how the
    issue stood then; the rest goes on being counted.
    """

    id = models.BigIntegerField(primary_key=True)
    issue = models.BigIntegerField()
    came_from = models.BigIntegerField()
    act = models.CharField(max_length=32)
    joined_at = models.FloatField()
    base_events = models.IntegerField()
    base_users = models.IntegerField()

    class Meta:
        db_table = "errors_group"
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="errors_group_number")]
        indexes = [
            models.Index(fields=["issue", "-events", "-id"], name="errors_group_issue"),
            models.Index(fields=["issue", "-last_seen"], name="errors_group_last"),
            models.Index(fields=["act"], condition=~models.Q(act=""), name="errors_group_act"),
        ]


class GroupTagRow(_Tag):
    """As `TagRow`, of a group."""

    class Meta:
        db_table = "errors_group_tag"


class GroupUserRow(_User):
    """As `UserRow`, of a group."""

    class Meta:
        db_table = "errors_group_user"


class GroupMinuteRow(_Minute):
    """As `MinuteRow`, of a group."""

    class Meta:
        db_table = "errors_group_minute"
        indexes = [models.Index(fields=["minute", "issue"], name="errors_group_minute_when")]


class GroupHourRow(_Hour):
    """As `HourRow`, of a group."""

    class Meta:
        db_table = "errors_group_hour"
        indexes = [models.Index(fields=["hour", "issue"], name="errors_group_hour_when")]


class JobRow(models.Model):
    """An act on many issues, done in pieces. `ids` are its issues (msgpack), of which the first `done` are done."""

    id = models.CharField(max_length=32, primary_key=True)
    kind = models.CharField(max_length=12)
    at = models.FloatField()
    ended_at = models.FloatField(null=True)
    user = models.IntegerField(null=True)
    who = models.CharField(max_length=120)
    issue = models.BigIntegerField(null=True)
    body = models.BinaryField()
    ids = models.BinaryField()
    done = models.IntegerField(default=0)
    total = models.IntegerField()
    problem = models.CharField(max_length=300, default="")

    class Meta:
        db_table = "errors_job"
        indexes = [
            models.Index(fields=["at"], condition=models.Q(ended_at__isnull=True), name="errors_job_open"),
            models.Index(fields=["ended_at"], name="errors_job_ended"),
        ]
