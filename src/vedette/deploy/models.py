"""Schema of deploying: projects that are watched, what was seen of them, their drifts, what is carried out, how hosts are hardened."""

from django.db import models


class ProjectRow(models.Model):
    """A project at Hetzner; `token` and `files` (a JSON object of texts by name, in which people put passwords) are sealed."""

    name = models.CharField(max_length=63, unique=True)
    endpoint = models.CharField(max_length=200)
    token = models.TextField(default="")
    hint = models.CharField(max_length=4, default="")
    writes = models.BooleanField(null=True)
    files = models.TextField(default="")
    source = models.CharField(max_length=200, default="")  # empty: the pages
    by = models.CharField(max_length=150)
    changed_at = models.FloatField()
    read_at = models.FloatField(null=True)
    tried_at = models.FloatField(null=True)
    problem = models.CharField(max_length=600, default="")
    problem_at = models.FloatField(null=True)
    told = models.BooleanField(default=False)  # that it cannot be read
    requests = models.IntegerField(default=0)  # that the last look took
    wanted = models.BooleanField(default=False)

    class Meta:
        db_table = "deploy_project"


class SeenRow(models.Model):
    """What was last read of a project, each part as JSON; `plan` is empty where no files say what should be."""

    project = models.BigIntegerField(unique=True)
    at = models.FloatField()
    live = models.BinaryField()
    memory = models.BinaryField()
    judged = models.BinaryField()
    broken = models.JSONField(default=list)  # intents of which people were told that they do not hold
    plan = models.BinaryField(default=b"")

    class Meta:
        db_table = "deploy_seen"


class DriftRow(models.Model):
    """A drift, open or over; `lines` are `words.plans.Line` as JSON."""

    project = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    way = models.CharField(max_length=10)
    side = models.CharField(max_length=10)
    lines = models.JSONField(default=list)
    since = models.FloatField()
    until = models.FloatField()
    by = models.CharField(max_length=150, default="")
    command = models.CharField(max_length=200, default="")
    state = models.CharField(max_length=10, default="open")
    told_at = models.FloatField(null=True)
    ended_at = models.FloatField(null=True)

    class Meta:
        db_table = "deploy_drift"
        indexes = [models.Index(fields=["project", "state", "-until"], name="deploy_drift_state")]


class RunRow(models.Model):
    """Something that is carried out; `steps` are appended, `agreed` are the changes that somebody saw before."""

    id = models.CharField(max_length=32, primary_key=True)
    project = models.BigIntegerField()
    act = models.CharField(max_length=10)
    by = models.CharField(max_length=150)
    asked_at = models.FloatField()
    began_at = models.FloatField(null=True)
    heard_at = models.FloatField(null=True)
    ended_at = models.FloatField(null=True)
    state = models.CharField(max_length=12)
    sentence = models.CharField(max_length=1000, default="")
    steps = models.JSONField(default=list)
    targets = models.JSONField(default=list)
    agreed = models.JSONField(default=list)
    unprotect = models.BooleanField(default=False)

    class Meta:
        db_table = "deploy_run"
        indexes = [
            models.Index(fields=["project", "-asked_at"], name="deploy_run_project"),
            models.Index(fields=["state", "asked_at"], name="deploy_run_state"),
        ]


class HostRow(models.Model):
    """How a host is hardened; lists are JSON as `words.kept.HardenedHost` says."""

    host = models.IntegerField(unique=True)
    hardened_at = models.FloatField(null=True)
    profile = models.CharField(max_length=60, default="")
    score_before = models.FloatField(null=True)
    score_after = models.FloatField(null=True)
    areas = models.JSONField(default=list)
    waived = models.JSONField(default=list)
    drift = models.JSONField(default=list)
    left = models.JSONField(default=list)
    reverted_at = models.FloatField(null=True)
    told = models.JSONField(null=True)
    looks = models.JSONField(default=list)
    at = models.FloatField(null=True)

    class Meta:
        db_table = "deploy_host"
