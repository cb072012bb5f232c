"""The Django app of this room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Schema and templates of `vedette.ui`."""

    name = "vedette.ui"
    label = "ui"
    default_auto_field = "django.db.models.BigAutoField"
