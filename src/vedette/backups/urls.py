"""The pages of backups, drills and restores."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
