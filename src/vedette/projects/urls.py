"""The pages of projects."""

from django.urls import path

from vedette.projects import views

_ONE = "settings/projects/<slug:slug>/"

urlpatterns = [
    path("settings/projects/", views.listing, name="projects"),
    path("settings/projects/new/", views.new, name="project-new"),
    path(_ONE, views.detail, name="project"),
    path(f"{_ONE}edit/", views.edit, name="project-edit"),
    path(f"{_ONE}scrubbing/", views.scrubbing, name="project-scrubbing"),
    path(f"{_ONE}delete/", views.delete, name="project-delete"),
    path(f"{_ONE}keys/new/", views.new_key, name="key-new"),
    path(f"{_ONE}keys/<int:key_id>/", views.edit_key, name="key-edit"),
    path(f"{_ONE}keys/<int:key_id>/revoke/", views.revoke_key, name="key-revoke"),
    path(f"{_ONE}keys/<int:key_id>/rotate/", views.rotate_key, name="key-rotate"),
    path("settings/retention/", views.retention, name="retention"),
    path("settings/retention/edit/", views.set_retention, name="retention-edit"),
]
