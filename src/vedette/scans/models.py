"""Schema of scans: what is scanned, each scan, what they found, and what things are made of."""

from django.db import models


class TargetRow(models.Model):
    """Something that is scanned; `body` is `types.Target` as JSON, `host` the host whose agent looks (0: the server does)."""

    scanner = models.CharField(max_length=20)
    target = models.CharField(max_length=500)
    project = models.IntegerField(default=0)
    host = models.IntegerField(default=0)
    body = models.JSONField()
    next_at = models.FloatField(null=True)
    running_since = models.FloatField(null=True)

    class Meta:
        db_table = "scans_target"
        indexes = [models.Index(fields=["next_at"], name="scans_target_next")]
        constraints = [models.UniqueConstraint(fields=["scanner", "target", "host"], name="scans_target_one")]


class ScanRow(models.Model):
    """A scan that was made; `body` is `types.Scan` as JSON: counts, what could not be known, facts."""

    target = models.BigIntegerField()
    at = models.FloatField()
    verdict = models.CharField(max_length=10)
    body = models.JSONField()

    class Meta:
        db_table = "scans_scan"
        indexes = [models.Index(fields=["target", "-at"], name="scans_scan_last")]


class FindingRow(models.Model):
    """A finding and its life. `body` is `wire.Finding` in MessagePack; `rank` orders what must be fixed, worst highest."""

    fingerprint = models.CharField(max_length=64, unique=True)
    target = models.BigIntegerField()
    project = models.IntegerField(default=0)
    host = models.IntegerField(default=0)
    scanner = models.CharField(max_length=20)
    check_id = models.CharField(max_length=120)
    subject = models.CharField(max_length=300)
    title = models.CharField(max_length=300)
    place = models.CharField(max_length=500)
    severity = models.SmallIntegerField()
    rank = models.FloatField()
    state = models.CharField(max_length=16)
    until = models.FloatField(null=True)
    owner = models.IntegerField(null=True)
    due_at = models.FloatField(null=True)
    first_at = models.FloatField()
    last_at = models.FloatField()
    fixed_at = models.FloatField(null=True)
    body = models.BinaryField()

    class Meta:
        db_table = "scans_finding"
        indexes = [
            models.Index(fields=["state", "-rank", "id"], name="scans_finding_worst"),
            models.Index(fields=["state", "scanner", "-rank"], name="scans_finding_kind"),
            models.Index(fields=["state", "project", "-rank"], name="scans_finding_project"),
            models.Index(fields=["state", "severity", "-rank"], name="scans_finding_severity"),
            models.Index(fields=["target", "state"], name="scans_finding_target"),
            models.Index(fields=["state", "due_at"], name="scans_finding_due"),
            models.Index(fields=["state", "until"], name="scans_finding_until"),
            models.Index(fields=["check_id"], name="scans_finding_check"),
        ]


class FindingLineRow(models.Model):
    """A line of a finding's history: when, what became of it, by whom, and why."""

    finding = models.BigIntegerField()
    at = models.FloatField()
    kind = models.CharField(max_length=16)
    who = models.CharField(max_length=150)
    text = models.CharField(max_length=1000)

    class Meta:
        db_table = "scans_finding_line"
        indexes = [models.Index(fields=["finding", "at"], name="scans_line_of")]


class TallyRow(models.Model):
    """How many findings there are of a state, a project, a scanner and a severity: lists count without counting rows."""

    state = models.CharField(max_length=16)
    project = models.IntegerField(default=0)
    scanner = models.CharField(max_length=20)
    severity = models.SmallIntegerField()
    n = models.IntegerField(default=0)

    class Meta:
        db_table = "scans_tally"
        constraints = [
            models.UniqueConstraint(
                fields=["state", "project", "scanner", "severity"], name="scans_tally_one"
            )
        ]


class BillRow(models.Model):
    """What a target was made of at a release or an instant; `body` is components in MessagePack and zstd, `digest` its hash."""

    target = models.BigIntegerField()
    release = models.CharField(max_length=250)
    at = models.FloatField()
    seen_at = models.FloatField()
    digest = models.CharField(max_length=64)
    n = models.IntegerField()
    body = models.BinaryField()

    class Meta:
        db_table = "scans_bill"
        indexes = [models.Index(fields=["target", "-at"], name="scans_bill_last")]
