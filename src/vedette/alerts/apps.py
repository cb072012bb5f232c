"""The Django app of this room."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Schema and templates of `vedette.alerts`."""

    name = "vedette.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"
