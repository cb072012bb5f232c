"""The page of metrics."""

from django.urls import URLPattern, path

from vedette.incidents.metrics import views

urlpatterns: list[URLPattern] = [
    path("incidents/metrics/", views.metrics, name="incident-metrics"),
    path("incidents/metrics.json", views.metrics_json, name="incident-metrics-json"),
]
