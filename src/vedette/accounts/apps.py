"""The Django app of this room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Schema and templates of `vedette.accounts`."""

    name = "vedette.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have every sign-in and sign-out noted, by whatever way it comes."""
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from vedette.accounts.adapter import on_signed_in, on_signed_out

        user_logged_in.connect(on_signed_in, dispatch_uid="vedette.accounts")
        user_logged_out.connect(on_signed_out, dispatch_uid="vedette.accounts")
