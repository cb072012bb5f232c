"""The Django app of this room."""

from django.apps import AppConfig


class PlumbingDbConfig(AppConfig):
    """Schema and templates of `vedette.plumbing.db`."""

    name = "vedette.plumbing.db"
    label = "plumbing_db"
    default_auto_field = "django.db.models.BigAutoField"
