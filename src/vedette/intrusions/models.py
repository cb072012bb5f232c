"""Schema of intrusions. What is in force is one row a target (WITHOUT ROWID); claims and detections are its history."""

from django.db import models


class DetectionRow(models.Model):
    """What a host or a guard detected; `body` is all of it (MessagePack)."""

    id = models.BigAutoField(primary_key=True)
    place = models.CharField(max_length=80)
    uid = models.CharField(max_length=64)
    at = models.FloatField()
    rule = models.CharField(max_length=80)
    service = models.CharField(max_length=80)
    severity = models.CharField(max_length=10)
    value = models.CharField(max_length=200)
    count = models.IntegerField()
    simulated = models.BooleanField()
    body = models.BinaryField()

    class Meta:
        db_table = "intrusions_detection"
        constraints = [models.UniqueConstraint(fields=["place", "uid"], name="intrusions_detection_once")]
        indexes = [
            models.Index(fields=["at"], name="intrusions_detection_at"),
            models.Index(fields=["value", "at"], name="intrusions_detection_who"),
        ]


class ClaimRow(models.Model):
    """A decision somebody took, and whether somebody ended it early."""

    id = models.BigAutoField(primary_key=True)
    origin = models.CharField(max_length=90)
    uid = models.CharField(max_length=64)
    scope = models.CharField(max_length=10)
    value = models.CharField(max_length=200)
    measure = models.CharField(max_length=10)
    at = models.FloatField()
    until = models.FloatField()
    reason = models.CharField(max_length=500)
    rule = models.CharField(max_length=80)
    detection = models.CharField(max_length=64)
    simulated = models.BooleanField()
    ended_at = models.FloatField(null=True)
    ended_why = models.CharField(max_length=300)

    class Meta:
        db_table = "intrusions_claim"
        constraints = [models.UniqueConstraint(fields=["origin", "uid"], name="intrusions_claim_once")]
        indexes = [
            models.Index(fields=["scope", "value", "until"], name="intrusions_claim_who"),
            models.Index(fields=["at"], name="intrusions_claim_at"),
        ]


class BanRow(models.Model):
    """What is in force about a target, and the place of its last change; `until` 0 once it was lifted."""

    pk = models.CompositePrimaryKey("scope", "value")
    scope = models.CharField(max_length=10)
    value = models.CharField(max_length=200)
    seq = models.BigIntegerField(unique=True)
    measure = models.CharField(max_length=10)
    at = models.FloatField()
    until = models.FloatField()
    reason = models.CharField(max_length=500)
    rule = models.CharField(max_length=80)
    origin = models.CharField(max_length=90)

    class Meta:
        db_table = "intrusions_ban"
        indexes = [models.Index(fields=["until"], name="intrusions_ban_until")]


class PastRow(models.Model):
    """How many decisions about a target count, since when it is quiet, and when somebody unbanned it."""

    pk = models.CompositePrimaryKey("scope", "value")
    scope = models.CharField(max_length=10)
    value = models.CharField(max_length=200)
    steps = models.IntegerField()
    since = models.FloatField()
    unbanned_at = models.FloatField(null=True)

    class Meta:
        db_table = "intrusions_past"
        indexes = [models.Index(fields=["since"], name="intrusions_past_since")]


class AllowedRow(models.Model):
    """A network of the allowlist."""

    network = models.CharField(max_length=50, primary_key=True)
    by = models.CharField(max_length=80)
    at = models.FloatField()
    note = models.CharField(max_length=200)

    class Meta:
        db_table = "intrusions_allowed"


class ListRow(models.Model):
    """A list of others and how its last reading went."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=40, unique=True)
    source = models.CharField(max_length=500)
    every = models.FloatField()
    lasts = models.FloatField()
    by = models.CharField(max_length=80)
    enabled = models.BooleanField()
    checked_at = models.FloatField(null=True)
    read_at = models.FloatField(null=True)
    entries = models.IntegerField()
    left = models.IntegerField()
    problem = models.CharField(max_length=300)

    class Meta:
        db_table = "intrusions_list"


class EntryRow(models.Model):
    """What a list names, and until when it counts."""

    pk = models.CompositePrimaryKey("value", "list")
    value = models.CharField(max_length=50)
    list = models.BigIntegerField()
    scope = models.CharField(max_length=10)
    until = models.FloatField()

    class Meta:
        db_table = "intrusions_entry"
        indexes = [models.Index(fields=["list"], name="intrusions_entry_list")]


class ModeRow(models.Model):
    """What is done with a set of rules on hosts that are told nothing of their own."""

    name = models.CharField(max_length=80, primary_key=True)
    mode = models.CharField(max_length=10)

    class Meta:
        db_table = "intrusions_mode"


class ReplayRow(models.Model):
    """A set of rules that is tried on a host's own logs; `body` is what came of it (MessagePack), empty before."""

    uid = models.CharField(max_length=32, primary_key=True)
    host = models.CharField(max_length=80)
    name = models.CharField(max_length=80)
    seconds = models.FloatField()
    by = models.CharField(max_length=80)
    asked_at = models.FloatField()
    state = models.CharField(max_length=10)
    changed_at = models.FloatField()
    body = models.BinaryField()

    class Meta:
        db_table = "intrusions_replay"
        indexes = [
            models.Index(fields=["name", "host", "asked_at"], name="intrusions_replay_which"),
            models.Index(fields=["state"], name="intrusions_replay_state"),
        ]


class ToldRow(models.Model):
    """A value of which people were told that real users are banned by it, and who they are."""

    value = models.CharField(max_length=200, primary_key=True)
    people = models.CharField(max_length=200)

    class Meta:
        db_table = "intrusions_told"


class MarkRow(models.Model):
    """Counters: how far the journal was taken, the place of the last change, and of the last one that is forgotten."""

    name = models.CharField(max_length=20, primary_key=True)
    seq = models.BigIntegerField()

    class Meta:
        db_table = "intrusions_mark"
