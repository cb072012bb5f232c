"""Schema of projects."""

from django.db import models


class ProjectRow(models.Model):
    """One application; its id is never used twice (AUTOINCREMENT), for old DSNs hold it."""

    id = models.AutoField(primary_key=True)
    slug = models.CharField(max_length=50, unique=True)
    name = models.CharField(max_length=120)
    platform = models.CharField(max_length=40)
    created_at = models.FloatField()
    extra_keys = models.JSONField(default=list)
    safe_keys = models.JSONField(default=list)
    mask_addresses = models.BooleanField(default=False)
    scrub_defaults = models.BooleanField(default=True)

    class Meta:
        db_table = "projects_project"


class KeyRow(models.Model):
    """A DSN key."""

    project = models.ForeignKey(ProjectRow, on_delete=models.CASCADE, related_name="keys")
    public = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=80)
    active = models.BooleanField(default=True)
    origins = models.JSONField(default=list)
    per_minute = models.IntegerField(null=True)
    per_day = models.IntegerField(null=True)
    created_at = models.FloatField()
    last_used_at = models.FloatField(null=True)
    replaced_at = models.FloatField(null=True)

    class Meta:
        db_table = "projects_key"


class SeenRow(models.Model):
    """A release or environment that events named."""

    project = models.ForeignKey(ProjectRow, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    first_at = models.FloatField()
    last_at = models.FloatField()

    class Meta:
        db_table = "projects_seen"
        constraints = [models.UniqueConstraint(fields=["project", "kind", "name"], name="projects_seen_one")]
        indexes = [models.Index(fields=["project", "kind", "last_at"], name="projects_seen_last")]


class UsageRow(models.Model):
    """Items of a type that met an outcome on a day."""

    project = models.ForeignKey(ProjectRow, on_delete=models.CASCADE)
    day = models.CharField(max_length=10)
    item_type = models.CharField(max_length=40)
    outcome = models.CharField(max_length=20)
    count = models.BigIntegerField(default=0)

    class Meta:
        db_table = "projects_usage"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "day", "item_type", "outcome"], name="projects_usage_one"
            )
        ]
