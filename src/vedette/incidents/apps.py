"""The Django app of this room."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Schema and templates of `vedette.incidents`."""

    name = "vedette.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"
