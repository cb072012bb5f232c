"""The Django app of this room."""

from django.apps import AppConfig


class IntrusionsConfig(AppConfig):
    """Schema and templates of `vedette.intrusions`."""

    name = "vedette.intrusions"
    label = "intrusions"
    default_auto_field = "django.db.models.BigAutoField"
