"""Schema of status pages in core.db. Instants are seconds (UTC)."""

from django.db import models


class PageRow(models.Model):
    """A status page; `password` is an Argon2id hash, empty for a public page."""

    id = models.BigAutoField(primary_key=True)
    slug = models.CharField(max_length=50, unique=True)
    title = models.CharField(max_length=100)
    text = models.TextField()
    domain = models.CharField(max_length=253)
    frames = models.CharField(max_length=1000)
    windows = models.BooleanField()
    enabled = models.BooleanField()
    password = models.CharField(max_length=200)
    created_at = models.FloatField()
    updated_at = models.FloatField()

    class Meta:
        db_table = "status_page"
        constraints = [
            models.UniqueConstraint(
                fields=["domain"], name="status_page_domain", condition=~models.Q(domain="")
            )
        ]


class ComponentRow(models.Model):
    """A monitor under its public name on a page; `place` orders them."""

    id = models.BigAutoField(primary_key=True)
    page = models.BigIntegerField()
    monitor = models.BigIntegerField()
    name = models.CharField(max_length=100)
    section = models.CharField(max_length=100)
    place = models.IntegerField()

    class Meta:
        db_table = "status_component"
        constraints = [models.UniqueConstraint(fields=["page", "monitor"], name="status_component_one")]


class IncidentRow(models.Model):
    """An incident or a maintenance of a page; `ends` is null while it is not over and no end is planned."""

    id = models.BigAutoField(primary_key=True)
    page = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    title = models.CharField(max_length=150)
    impact = models.CharField(max_length=8)
    starts = models.FloatField()
    ends = models.FloatField(null=True)

    class Meta:
        db_table = "status_incident"
        indexes = [models.Index(fields=["page", "-starts"], name="status_incident_of")]


class AffectedRow(models.Model):
    """That an incident is about a component."""

    pk = models.CompositePrimaryKey("incident", "component")
    incident = models.BigIntegerField()
    component = models.BigIntegerField()

    class Meta:
        db_table = "status_affected"


class UpdateRow(models.Model):
    """What was said of an incident."""

    id = models.BigAutoField(primary_key=True)
    incident = models.BigIntegerField()
    at = models.FloatField()
    progress = models.CharField(max_length=16)
    text = models.TextField()

    class Meta:
        db_table = "status_update"
        indexes = [models.Index(fields=["incident", "-at"], name="status_update_of")]


class SubscriberRow(models.Model):
    """Who asked to hear of a page. `target` is an e-mail address or a sealed URL; `mark` stands for it, so that it is there once.

    `host` stands for the host of a webhook.
    """

    id = models.BigAutoField(primary_key=True)
    page = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    target = models.TextField()
    mark = models.CharField(max_length=64)
    host = models.CharField(max_length=64, default="")
    created_at = models.FloatField()
    asked_at = models.FloatField()
    confirmed_at = models.FloatField(null=True)
    failures = models.IntegerField()

    class Meta:
        db_table = "status_subscriber"
        constraints = [models.UniqueConstraint(fields=["page", "mark"], name="status_subscriber_one")]
