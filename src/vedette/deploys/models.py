"""Schema of deploys."""

from django.db import models


class DeployRow(models.Model):
    """A version that went out. `key` is what its teller names it by, so that telling it twice adds nothing."""

    id = models.BigAutoField(primary_key=True)
    project = models.IntegerField()
    key = models.CharField(max_length=160)
    version = models.CharField(max_length=200)
    environment = models.CharField(max_length=200)
    url = models.CharField(max_length=500)
    commit = models.CharField(max_length=64)
    by = models.CharField(max_length=120)
    source = models.CharField(max_length=12)
    started_at = models.FloatField(null=True)
    finished_at = models.FloatField()
    recorded_at = models.FloatField()

    class Meta:
        db_table = "deploys_deploy"
        constraints = [models.UniqueConstraint(fields=["project", "key"], name="deploys_deploy_one")]
        indexes = [
            models.Index(fields=["-finished_at", "-id"], name="deploys_deploy_last"),
            models.Index(fields=["project", "-finished_at", "-id"], name="deploys_deploy_p_last"),
            models.Index(fields=["version", "project"], name="deploys_deploy_version"),
        ]


class HookRow(models.Model):
    """The sealed secret by which a project's deploys are told over HTTP."""

    project = models.IntegerField(primary_key=True)
    secret = models.TextField()
    made_at = models.FloatField()
    last_used_at = models.FloatField(null=True)

    class Meta:
        db_table = "deploys_hook"
