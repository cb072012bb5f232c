"""The Django app of this room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Schema and templates of `vedette.accounts`."""

    name = "vedette.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
