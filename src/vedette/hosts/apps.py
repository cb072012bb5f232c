"""The Django app of this room."""

from django.apps import AppConfig


class HostsConfig(AppConfig):
    """Schema and templates of `vedette.hosts`."""

    name = "vedette.hosts"
    label = "hosts"
    default_auto_field = "django.db.models.BigAutoField"
