"""The pages of incidents."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("vedette.incidents.runbooks.urls")),
    path("", include("vedette.incidents.postmortem.urls")),
]
