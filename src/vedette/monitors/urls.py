"""The URLs of the pages of monitors."""

from django.urls import path

from vedette.monitors.views import listing, one

_ONE = "monitors/<str:key>/"

urlpatterns = [
    path("monitors/", listing.monitors, name="monitors"),
    path(_ONE, one.monitor, name="monitor"),
    path(f"{_ONE}pause/", one.pause, name="monitor-pause"),
    path(f"{_ONE}delete/", one.delete, name="monitor-delete"),
    path(f"{_ONE}maintenance/", one.work, name="monitor-maintenance"),
]
