"""The Django app of this room."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Schema and templates of `vedette.alerts`."""

    name = "vedette.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the rules of a project go with it, and notices in the catalogue of series."""
        from vedette.alerts import measuring, patterns
        from vedette.alerts.service import forget_project
        from vedette.projects.service import on_delete

        on_delete(forget_project)
        measuring.register()
        patterns.register()
