"""The Django app of this room."""

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Schema and templates of `vedette.notify`."""

    name = "vedette.notify"
    label = "notify"
    default_auto_field = "django.db.models.BigAutoField"
