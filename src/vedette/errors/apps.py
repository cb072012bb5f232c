"""The Django app of this room."""

from django.apps import AppConfig


class ErrorsConfig(AppConfig):
    """Schema and templates of `vedette.errors`."""

    name = "vedette.errors"
    label = "errors"
    default_auto_field = "django.db.models.BigAutoField"
