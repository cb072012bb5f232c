"""The Django app of this room."""

from django.apps import AppConfig


class DeploysConfig(AppConfig):
    """Schema and templates of `vedette.deploys`."""

    name = "vedette.deploys"
    label = "deploys"
    default_auto_field = "django.db.models.BigAutoField"
