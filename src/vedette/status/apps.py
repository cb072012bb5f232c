"""The Django app of this room."""

from django.apps import AppConfig


class StatusConfig(AppConfig):
    """Schema and templates of `vedette.status`."""

    name = "vedette.status"
    label = "status"
    default_auto_field = "django.db.models.BigAutoField"
