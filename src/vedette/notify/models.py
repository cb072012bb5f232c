"""Schema of notify: channels, deliveries and their tries."""

from django.db import models

from vedette.notify.types import DeliveryState


class ChannelRow(models.Model):
    """A configured channel; secrets in `config` are sealed."""

    kind = models.CharField(max_length=40)
    owner = models.IntegerField(null=True)  # the person whose own it is; None: everybody's
    name = models.CharField(max_length=80)
    config = models.JSONField()
    enabled = models.BooleanField(default=True)
    is_default = models.BooleanField(default=True)
    created_at = models.FloatField()
    failures = models.IntegerField(default=0)
    failing_since = models.FloatField(null=True)
    refused = models.BooleanField(default=False)
    last_error = models.TextField(default="")
    last_success_at = models.FloatField(null=True)

    class Meta:
        db_table = "notify_channel"
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(owner=None), name="notify_channel_shared_name"
            ),
            models.UniqueConstraint(fields=["owner", "name"], name="notify_channel_own_name"),
        ]


class PreferencesRow(models.Model):
    """What one person wants to hear of; `wants` is `types.Preferences` as JSON."""

    user = models.IntegerField(primary_key=True)
    wants = models.JSONField()

    class Meta:
        db_table = "notify_preferences"


class FollowRow(models.Model):
    """A person follows an issue, by its key."""

    user = models.IntegerField()
    subject = models.CharField(max_length=200)
    at = models.FloatField()

    class Meta:
        db_table = "notify_follow"
        constraints = [models.UniqueConstraint(fields=["user", "subject"], name="notify_follow_once")]


class TemplateRow(models.Model):
    """The words of notices to one kind of channel, or to `all` that have none."""

    kind = models.CharField(max_length=40, primary_key=True)
    title = models.TextField()
    text = models.TextField()

    class Meta:
        db_table = "notify_template"


class DeliveryRow(models.Model):
    """A notice to one channel; `notice` is its JSON. A bundle's notice is made at its first try (`frozen`)."""

    channel = models.ForeignKey(ChannelRow, null=True, on_delete=models.SET_NULL)
    channel_name = models.CharField(max_length=80)
    owner = models.IntegerField(null=True)
    kind = models.CharField(max_length=40)
    idempotency_key = models.CharField(max_length=120, unique=True)
    notice = models.BinaryField()
    title = models.CharField(max_length=300)
    state = models.CharField(max_length=10, default=DeliveryState.QUEUED.value)
    queued_at = models.FloatField()
    done_at = models.FloatField(null=True)
    next_at = models.FloatField(null=True)
    detail = models.TextField(default="")
    acknowledged = models.CharField(max_length=200, default="")
    tries = models.IntegerField(default=0)
    is_bundle = models.BooleanField(default=False)
    frozen = models.BooleanField(default=False)
    bundle = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)

    class Meta:
        db_table = "notify_delivery"
        indexes = [
            models.Index(fields=["state", "queued_at"], name="notify_delivery_state"),
            models.Index(fields=["queued_at"], name="notify_delivery_queued"),
            models.Index(
                fields=["owner", "id"], condition=models.Q(owner__isnull=False), name="notify_delivery_owner"
            ),
            models.Index(
                fields=["channel"],
                condition=models.Q(is_bundle=True, frozen=False),
                name="notify_delivery_open_bundle",
            ),
        ]


class StepRow(models.Model):
    """The step of a personal rule that a delivery is; see `types.Stage`."""

    delivery = models.OneToOneField(DeliveryRow, primary_key=True, on_delete=models.CASCADE)
    owner = models.IntegerField()
    which = models.CharField(max_length=10)
    number = models.IntegerField()
    after = models.FloatField()
    thread = models.CharField(max_length=60)
    proof = models.BigIntegerField(default=0)

    class Meta:
        db_table = "notify_step"
        indexes = [
            models.Index(fields=["thread"], name="notify_step_thread"),
        ]


class ProofRow(models.Model):
    """A test page that must be acknowledged."""

    user = models.IntegerField()
    started_at = models.FloatField()
    ends_at = models.FloatField()
    acknowledged_at = models.FloatField(null=True)
    how = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "notify_proof"
        indexes = [models.Index(fields=["user", "id"], name="notify_proof_user")]


class AttemptRow(models.Model):
    """One try: the receipt when `ok`, else the error. `channel` is kept for the bound per minute."""

    delivery = models.ForeignKey(DeliveryRow, on_delete=models.CASCADE)
    channel = models.BigIntegerField()
    number = models.IntegerField()
    at = models.FloatField()
    ok = models.BooleanField()
    detail = models.TextField()

    class Meta:
        db_table = "notify_attempt"
        indexes = [models.Index(fields=["channel", "at"], name="notify_attempt_channel_at")]
