"""The Django app of this room."""

from django.apps import AppConfig


class ScansConfig(AppConfig):
    """Schema and templates of `vedette.scans`."""

    name = "vedette.scans"
    label = "scans"
    default_auto_field = "django.db.models.BigAutoField"
