"""The URLs of the pages of monitors."""

from django.urls import path

from vedette.monitors.views import editing, listing, locations, maintenance, one, pictures

_ONE = "monitors/<str:key>/"

urlpatterns = [
    path("monitors/", listing.monitors, name="monitors"),
    path("monitors/new/", editing.new, name="monitor-new"),
    path("monitors/times/", editing.times, name="monitor-times"),
    path("monitors/trials/<str:trial_id>/", editing.trial, name="monitor-trial"),
    path("monitors/trials/<str:trial_id>/picture/", pictures.tried, name="monitor-trial-picture"),
    path("monitors/maintenance/", maintenance.calendar, name="maintenance"),
    path("monitors/maintenance/new/", maintenance.new, name="maintenance-new"),
    path("monitors/maintenance/<str:key>/remove/", maintenance.remove, name="maintenance-remove"),
    path("monitors/locations/", locations.locations, name="locations"),
    path("monitors/locations/new/", locations.new, name="location-new"),
    path("monitors/locations/<str:slug>/token/", locations.renew, name="location-token"),
    path("monitors/locations/<str:slug>/remove/", locations.remove, name="location-remove"),
    path(_ONE, one.monitor, name="monitor"),
    path(f"{_ONE}edit/", editing.edit, name="monitor-edit"),
    path(f"{_ONE}check/", editing.check, name="monitor-check"),
    path(f"{_ONE}picture/", pictures.failed, name="monitor-picture"),
    path(f"{_ONE}pause/", one.pause, name="monitor-pause"),
    path(f"{_ONE}delete/", one.delete, name="monitor-delete"),
    path(f"{_ONE}maintenance/", one.work, name="monitor-maintenance"),
]
