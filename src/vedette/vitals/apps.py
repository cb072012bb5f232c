"""The Django app of this room."""

from django.apps import AppConfig


class VitalsConfig(AppConfig):
    """Schema and templates of `vedette.vitals`."""

    name = "vedette.vitals"
    label = "vitals"
    default_auto_field = "django.db.models.BigAutoField"
