"""The Django app of this room."""

from django.apps import AppConfig


class OncallConfig(AppConfig):
    """Schema and templates of `vedette.oncall`."""

    name = "vedette.oncall"
    label = "oncall"
    default_auto_field = "django.db.models.BigAutoField"
