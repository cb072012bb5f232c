"""The Django app of this room."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Schema and templates of `vedette.projects`."""

    name = "vedette.projects"
    label = "projects"
    default_auto_field = "django.db.models.BigAutoField"
