"""The Django app of this room."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Schema and templates of `vedette.web`."""

    name = "vedette.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
