"""The Django app of this room."""

from django.apps import AppConfig


class MonitorsConfig(AppConfig):
    """Schema and templates of `vedette.monitors`."""

    name = "vedette.monitors"
    label = "monitors"
    default_auto_field = "django.db.models.BigAutoField"
