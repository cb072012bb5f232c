"""The Django app of this room."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Schema and templates of `vedette.reports`."""

    name = "vedette.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
