"""The Django app of this room."""

from django.apps import AppConfig


class DeployConfig(AppConfig):
    """Schema and templates of `vedette.deploy`."""

    name = "vedette.deploy"
    label = "deploy"
    default_auto_field = "django.db.models.BigAutoField"
