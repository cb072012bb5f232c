"""The Django app of this room."""

from django.apps import AppConfig


class BackupsConfig(AppConfig):
    """Schema and templates of `vedette.backups`."""

    name = "vedette.backups"
    label = "backups"
    default_auto_field = "django.db.models.BigAutoField"
