"""The Django app of this room."""

from django.apps import AppConfig


class SignalsConfig(AppConfig):
    """Schema and templates of `vedette.signals`."""

    name = "vedette.signals"
    label = "signals"
    default_auto_field = "django.db.models.BigAutoField"
